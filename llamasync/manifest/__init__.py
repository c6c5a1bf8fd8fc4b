"""YAML text becomes Manifests with their places; settings, variables, overlays. Knows no kinds."""
