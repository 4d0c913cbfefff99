"""The command line, one module per command. Needs the extra `author`."""

from .entry import main

__all__ = ["main"]
