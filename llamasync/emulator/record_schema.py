"""The tables of agent data and webhook configurations."""

RECORD_SCHEMA = """
CREATE TABLE IF NOT EXISTS agent_data (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, project_id TEXT NOT NULL, deployment_name TEXT NOT NULL,
  collection TEXT NOT NULL, data TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL, deleted_at TEXT);
CREATE INDEX IF NOT EXISTS agent_data_collection ON agent_data (project_id, deployment_name, collection, seq)
  WHERE deleted_at IS NULL;
CREATE TABLE IF NOT EXISTS webhook_configs (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, project_id TEXT NOT NULL, url TEXT NOT NULL, secret TEXT,
  headers TEXT NOT NULL, events TEXT NOT NULL, output_format TEXT,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL, deleted_at TEXT);
"""
