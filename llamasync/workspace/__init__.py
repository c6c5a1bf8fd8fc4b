"""Manifests and kinds become Desired: references closed, file trees scanned. Reads files, and URLs where told to."""
