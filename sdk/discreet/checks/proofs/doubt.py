"""Doubt: what a proof says instead of a wrong answer."""

from __future__ import annotations


class Doubt(Exception):
    """One branch could not be settled exactly. It never leaves this package."""


class Undecided(Exception):
    """The proof's budget was spent, or something could not be settled exactly: neither a witness nor a proof."""
