"""The kinds of manifest: each module states facts, and never computes a difference or emits an action."""
