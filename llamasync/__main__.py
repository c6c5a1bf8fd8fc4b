"""Run the command line with `python -m llamasync`."""

from llamasync.cli.main import main

if __name__ == "__main__":
    main()
