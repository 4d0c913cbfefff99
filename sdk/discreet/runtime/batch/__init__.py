"""Deciding for many visitors at once, on Arrow columns. Needs the extra `offline`, once something is decided."""

from .deciding import decide_batch

__all__ = ["decide_batch"]
