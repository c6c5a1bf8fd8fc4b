"""What llamasync promises to take, measured: each benchmark states its target and whether it is met."""
