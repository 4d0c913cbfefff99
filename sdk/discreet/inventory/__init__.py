"""The inventory of a bundle: what is processed, for which purposes, on which basis, and for what. Article 30's view."""

from .entries import Entry, Inventory, PartOf, PurposeEntry, Remark
from .html import as_html
from .markdown import as_markdown
from .taking import inventory_of

__all__ = [
    "Entry",
    "Inventory",
    "PartOf",
    "PurposeEntry",
    "Remark",
    "as_html",
    "as_markdown",
    "inventory_of",
]
