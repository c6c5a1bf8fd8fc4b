"""The tables of indexes, of what syncs made for them, and of chats. Chunks and attachments of syncs
that are over are removed."""

INDEX_SCHEMA = """
CREATE TABLE IF NOT EXISTS extracted (
  sha256 TEXT NOT NULL, format TEXT NOT NULL, pages TEXT NOT NULL, error TEXT,
  PRIMARY KEY (sha256, format)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS indexes (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, project_id TEXT NOT NULL, name TEXT NOT NULL, description TEXT,
  source_directory_id TEXT NOT NULL, output_directory_id TEXT NOT NULL, sync_config_id TEXT NOT NULL,
  export_config_id TEXT NOT NULL UNIQUE, hidden TEXT NOT NULL, served_sync INTEGER, last_synced_at TEXT,
  last_exported_at TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL, deleted_at TEXT);
CREATE INDEX IF NOT EXISTS indexes_source ON indexes (source_directory_id);
CREATE TABLE IF NOT EXISTS index_syncs (
  seq INTEGER PRIMARY KEY, index_seq INTEGER NOT NULL, started_at TEXT NOT NULL, working_at TEXT NOT NULL,
  ends_at TEXT NOT NULL, status TEXT NOT NULL, doomed TEXT, error TEXT);
CREATE INDEX IF NOT EXISTS index_syncs_index ON index_syncs (index_seq, seq);
CREATE INDEX IF NOT EXISTS index_syncs_running ON index_syncs (status) WHERE status = 'running';
CREATE TABLE IF NOT EXISTS index_files (
  seq INTEGER PRIMARY KEY, sync_seq INTEGER NOT NULL, source_id TEXT NOT NULL, unique_id TEXT NOT NULL,
  parsed_seq INTEGER NOT NULL, parsed_id TEXT NOT NULL, file_id TEXT, file_name TEXT NOT NULL,
  stored_name TEXT, sha256 TEXT, metadata TEXT NOT NULL, status TEXT NOT NULL, error TEXT, text TEXT);
CREATE INDEX IF NOT EXISTS index_files_sync ON index_files (sync_seq, status);
CREATE TABLE IF NOT EXISTS index_chunks (
  seq INTEGER PRIMARY KEY, sync_seq INTEGER NOT NULL, file_seq INTEGER NOT NULL, chunk_index INTEGER NOT NULL,
  start_char INTEGER NOT NULL, end_char INTEGER NOT NULL, first_page INTEGER NOT NULL, last_page INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS index_chunks_sync ON index_chunks (sync_seq);
CREATE TABLE IF NOT EXISTS index_attachments (
  seq INTEGER PRIMARY KEY, sync_seq INTEGER NOT NULL, file_seq INTEGER NOT NULL, origin TEXT NOT NULL,
  kind TEXT NOT NULL, page INTEGER NOT NULL, name TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL,
  made_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS index_attachments_file ON index_attachments (file_seq, name);
CREATE INDEX IF NOT EXISTS index_attachments_sync ON index_attachments (sync_seq);
CREATE INDEX IF NOT EXISTS index_attachments_origin ON index_attachments (origin, kind);
CREATE VIRTUAL TABLE IF NOT EXISTS chunk_words USING fts5(content, tokenize = 'porter unicode61');
CREATE TABLE IF NOT EXISTS planned_failures (
  seq INTEGER PRIMARY KEY, area TEXT NOT NULL, target TEXT NOT NULL, message TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS chats (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, project_id TEXT NOT NULL, index_ids TEXT, title TEXT,
  turns INTEGER NOT NULL, job_metadata TEXT, events TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
  deleted_at TEXT);
"""
