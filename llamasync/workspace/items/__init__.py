"""Items of agent data become Desired: read from a manifest or from its file, and checked before anything is sent."""
