"""Write the generated files, or with `--check` say which are out of date."""

from __future__ import annotations

import argparse
import sys

from llamasync.codegen.outputs import differences, write


def main(arguments: list[str] | None = None) -> int:
    """Run; the exit code is 1 when `--check` finds a difference."""
    parser = argparse.ArgumentParser(prog="python -m llamasync.codegen", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when something is out of date")
    check = parser.parse_args(arguments).check
    paths = differences() if check else write()
    for path in paths:
        sys.stdout.write(f"{'out of date' if check else 'written'}: {path}\n")
    return 1 if check and paths else 0


if __name__ == "__main__":
    sys.exit(main())
