"""Declarative GitOps sync for LlamaCloud projects."""

__version__ = "0.1.0"
