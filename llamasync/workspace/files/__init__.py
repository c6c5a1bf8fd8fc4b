"""File manifests become Desired: trees scanned, files hashed, names and metadata filled in, problems found first."""
