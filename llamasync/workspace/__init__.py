"""Manifests and kinds become Desired: references closed, file trees scanned. Reads files; never the network but for URLs."""
