"""Deciding for many visitors at once, on Arrow columns: the same decisions as `permit` and `decide`, one by one.

Needs the extra `offline`; nothing of it is imported before the first batch. Source: docs/batch.md.
"""

from __future__ import annotations

from ...errors import MissingExtra

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from discreet_consent import Consent

    from ..evaluator import Evaluator


def decide_batch(
    evaluator: Evaluator,
    record_batch: Any,
    consents: Consent | Sequence[Consent],
    placement: str,
    *,
    now_s: float,
) -> Any:
    """Decide for every row of an Arrow record batch as `permit` and `decide` would for one visitor.

    Args:
        record_batch: A `pyarrow.RecordBatch` with a column for each attribute, named like it; null is absent. What a
            row's consent does not permit is not read.
        consents: One consent for all rows, or one for each.
        now_s: Unix seconds, UTC, for all rows.
    Returns:
        A `pyarrow.RecordBatch` with one decision a row, in order; its columns are the fields of `Decision.as_record`.
        No attribute value is in it. Its metadata names the columns that nobody declared.
    Raises:
        UnknownPlacement: this bundle has no such placement.
        TypeError: `record_batch` is no record batch, but a table, say.
        ValueError: there are not as many consents as rows, or two columns have the name of one attribute.
        MissingExtra: pyarrow or numpy is not installed.
    Source: docs/batch.md.
    """
    from importlib.util import find_spec

    if find_spec("numpy") is None or find_spec("pyarrow") is None:
        raise MissingExtra("deciding in batches", "offline")
    from .run import run

    return run(evaluator, record_batch, consents, placement, now_s)
