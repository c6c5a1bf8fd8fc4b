"""The tables of jobs. A job's outcome is known when it is made; the clock decides when it is shown."""

JOB_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, project_id TEXT NOT NULL, kind TEXT NOT NULL,
  source_id TEXT, configuration_id TEXT, transaction_id TEXT, request TEXT NOT NULL, result TEXT NOT NULL,
  outcome TEXT NOT NULL, error TEXT, starts_at TEXT NOT NULL, ends_at TEXT NOT NULL, cancelled_at TEXT,
  created_at TEXT NOT NULL, deleted_at TEXT);
CREATE INDEX IF NOT EXISTS jobs_kind ON jobs (project_id, kind, seq);
CREATE TABLE IF NOT EXISTS job_items (
  seq INTEGER PRIMARY KEY, job_seq INTEGER NOT NULL, item_id TEXT NOT NULL, name TEXT NOT NULL, file_id TEXT,
  reference TEXT, outcome TEXT NOT NULL, error TEXT, starts_at TEXT NOT NULL, ends_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS job_items_job ON job_items (job_seq, seq);
CREATE INDEX IF NOT EXISTS job_items_item ON job_items (item_id);
CREATE INDEX IF NOT EXISTS job_items_reference ON job_items (reference);
CREATE TABLE IF NOT EXISTS job_orders (
  seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, failure TEXT, delay_ms INTEGER NOT NULL);
"""
