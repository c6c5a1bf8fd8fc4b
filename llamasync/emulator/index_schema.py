"""The tables of indexes, of what syncs made for them, and of chats. Chunks of syncs that are over are removed."""

INDEX_SCHEMA = """
CREATE TABLE IF NOT EXISTS extracted (
  sha256 TEXT NOT NULL, format TEXT NOT NULL, pages TEXT NOT NULL, error TEXT,
  PRIMARY KEY (sha256, format)) WITHOUT ROWID;
"""
