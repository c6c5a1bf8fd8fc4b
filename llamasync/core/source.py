"""Where in the user's files something was written."""

from __future__ import annotations

from llamasync.core.lean import lean_dataclass


@lean_dataclass(frozen=True, slots=True, order=True)
class Source:
    """A place in a file. Lines and columns count from 1; 0 means the file as a whole.

    >>> str(Source("manifests/rag.yaml", 14, 14))
    'manifests/rag.yaml:14:14'
    >>> str(Source("data.csv"))
    'data.csv'
    """

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file
