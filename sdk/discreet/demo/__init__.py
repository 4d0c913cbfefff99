"""The whole way once, on real data: models, signed bundle, consent, decisions. Needs the extra `author`."""

from .folder import FolderRefused
from .report import Report
from .run import LAST_DAY, LIFE_DAYS, TODAY, NobodyYet, run

__all__ = ["LAST_DAY", "LIFE_DAYS", "TODAY", "FolderRefused", "NobodyYet", "Report", "run"]
