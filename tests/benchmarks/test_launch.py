"""What the benchmarks tell of one process is of that process alone."""

from __future__ import annotations

import pytest

from benchmarks.processes import run_python


def test_peak_of_memory_is_not_that_of_the_caller() -> None:
    ours = bytearray(200_000_000)
    small = run_python("-c", "print('out')")
    large = run_python("-c", "b'a' * 150_000_000")
    assert len(ours) == 200_000_000
    assert small.out == "out\n"
    assert small.peak_bytes < 100_000_000
    assert 150_000_000 < large.peak_bytes < 200_000_000


def test_process_that_fails_is_told_with_what_it_said() -> None:
    with pytest.raises(RuntimeError, match=r"(?s)exit code 3.*in vain"):
        run_python("-c", "import sys; print('in vain', file=sys.stderr); sys.exit(3)")
