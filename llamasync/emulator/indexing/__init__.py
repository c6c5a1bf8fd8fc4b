"""What makes an index of a directory's files: syncs, their chunks, and what is searched afterwards."""
