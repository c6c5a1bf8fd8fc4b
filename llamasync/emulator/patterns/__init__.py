"""Regular expressions from strangers: the syntax of Python's own, in time that grows with the text and no faster."""

from llamasync.emulator.patterns.search import PatternRefused, find_all

__all__ = ["PatternRefused", "find_all"]
