"""Deciding for whole files of visitors: Parquet, CSV and JSON lines in, decisions out. Needs the extra `offline`.

    from discreet.offline import decide_file

loads pyarrow; where it is missing, that is a `MissingExtra`.
"""

from importlib.util import find_spec

from discreet.errors import MissingExtra

if find_spec("pyarrow") is None or find_spec("numpy") is None:
    raise MissingExtra("deciding for files", "offline")

from .columns import array_of
from .consents import RowConsents
from .deciding import Summary, decide_file
from .errors import RefusedColumn, UnreadableVisitors

__all__ = ["RefusedColumn", "RowConsents", "Summary", "UnreadableVisitors", "array_of", "decide_file"]
