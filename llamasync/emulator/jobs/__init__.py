"""Jobs: what they have in common, and the work that they do. Their operations are in resources."""
