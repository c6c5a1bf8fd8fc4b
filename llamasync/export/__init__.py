"""Live becomes manifests and files that load back as an empty plan. Reads the service, changes nothing there."""
