"""The tables. A row's `seq` is its place in every list; nothing is ever removed, only marked as deleted."""

from llamasync.emulator.job_schema import JOB_SCHEMA
from llamasync.emulator.record_schema import RECORD_SCHEMA

SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counter (only INTEGER PRIMARY KEY CHECK (only = 1), value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS projects (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, organization_id TEXT NOT NULL,
  organization_name TEXT NOT NULL, is_default INTEGER NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS directories (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, project_id TEXT NOT NULL, name TEXT NOT NULL, description TEXT,
  type TEXT NOT NULL, connector_subscription_id TEXT, system_metadata TEXT, expires_at TEXT,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL, deleted_at TEXT);
CREATE INDEX IF NOT EXISTS directories_name ON directories (project_id, name);
CREATE TABLE IF NOT EXISTS files (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, project_id TEXT NOT NULL, name TEXT NOT NULL, external_file_id TEXT,
  file_type TEXT, purpose TEXT, sha256 TEXT NOT NULL, size INTEGER NOT NULL, content_type TEXT,
  created_at TEXT NOT NULL, expires_at TEXT, deleted_at TEXT);
CREATE INDEX IF NOT EXISTS files_name ON files (project_id, name);
CREATE INDEX IF NOT EXISTS files_external ON files (project_id, external_file_id);
CREATE TABLE IF NOT EXISTS directory_files (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, project_id TEXT NOT NULL, directory_id TEXT NOT NULL,
  unique_id TEXT NOT NULL, display_name TEXT NOT NULL, file_id TEXT, user_metadata TEXT NOT NULL,
  system_metadata TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL, deleted_at TEXT,
  body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS directory_files_order ON directory_files (directory_id, seq);
CREATE INDEX IF NOT EXISTS directory_files_unique ON directory_files (directory_id, unique_id);
CREATE INDEX IF NOT EXISTS directory_files_display ON directory_files (directory_id, display_name);
CREATE INDEX IF NOT EXISTS directory_files_file ON directory_files (file_id);
CREATE TABLE IF NOT EXISTS configurations (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, project_id TEXT NOT NULL, name TEXT NOT NULL,
  product_type TEXT NOT NULL, version INTEGER NOT NULL, parameters TEXT NOT NULL,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL, deleted_at TEXT);
CREATE INDEX IF NOT EXISTS configurations_name ON configurations (project_id, product_type, name);
"""

SCHEMA += RECORD_SCHEMA + JOB_SCHEMA
