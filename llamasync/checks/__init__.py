"""Asks an index what a check says must be true, and judges the answers. Changes nothing that is ours."""
