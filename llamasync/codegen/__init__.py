"""Kinds become JSON Schemas and the tables of the docs."""
