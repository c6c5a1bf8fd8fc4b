"""The only package that talks HTTP: client, retry decision, paging, limiter, errors."""
