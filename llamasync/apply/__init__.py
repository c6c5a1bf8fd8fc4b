"""A Plan becomes Events: the only package that changes anything."""
