"""Bundles in service: where they come from, what may be served, what is kept, and how a new one takes over."""

from .bundles import Bundles
from .errors import ChangedContent, OlderThanServed, SourceError, StoreError
from .http_source import HttpSource
from .served import Served
from .sources import BundleSource, FileSource
from .status import Outcome, Status, Trouble
from .store import BundleStore
from .watching import Watcher, watch

__all__ = [
    "BundleSource",
    "BundleStore",
    "Bundles",
    "ChangedContent",
    "FileSource",
    "HttpSource",
    "OlderThanServed",
    "Outcome",
    "Served",
    "SourceError",
    "Status",
    "StoreError",
    "Trouble",
    "Watcher",
    "watch",
]
