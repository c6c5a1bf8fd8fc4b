"""Runs one command and tells what it took, from a process that is small itself.

The peak of resident memory that a system tells of a process counts what the process that started it had at that moment.
Benchmarks have a hundred megabytes after a while, so that every child of theirs would seem to have had as much.

    python -I -S launch.py FD COMMAND ARGUMENTS...

writes `elapsed_s peak_bytes exit_code` to the file descriptor FD.
"""

import os
import sys
import time


def main() -> None:
    """Run it. Standard input, output and errors are the caller's."""
    report, command = int(sys.argv[1]), sys.argv[2:]
    start = time.perf_counter()
    _, status, usage = os.wait4(os.posix_spawn(command[0], command, os.environ), 0)
    elapsed_s = time.perf_counter() - start
    peak_bytes = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    os.write(report, f"{elapsed_s} {peak_bytes} {os.waitstatus_to_exitcode(status)}".encode())


if __name__ == "__main__":
    main()
