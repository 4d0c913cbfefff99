"""Reading `accepted:`, the findings that an author knows of and keeps."""

from __future__ import annotations

import re
from collections.abc import Collection

from .fields import check_keys, items_of, prose_of, table_of, text_of
from .nodes import Node
from .problems import short
from .report import Report
from .types import Accepted

ACCEPTED_KEYS = ("check", "of", "because")
CHECK_PATTERN = "D[1-9][0-9]{2}"

_CHECK = re.compile(CHECK_PATTERN)


def read_accepted(node: Node | None, subjects: Collection[str], report: Report) -> tuple[Accepted, ...]:
    """What is accepted, in order; `subjects` are all names that a finding of this model can be about."""
    read: dict[tuple[str, str], Accepted] = {}
    for each in () if node is None else items_of(node, report, "`accepted`"):
        accepted = _accepted(each, subjects, report)
        if accepted is None:
            continue
        first = read.setdefault((accepted.check, accepted.of), accepted)
        if first is not accepted and accepted.place is not None:
            message = f"`{first.check}` of `{short(first.of)}` is accepted twice; first at {first.place}"
            report.add(accepted.place, "declared-twice", message)
    return tuple(read.values())


def _accepted(node: Node, subjects: Collection[str], report: Report) -> Accepted | None:
    what = "an accepted finding"
    table = table_of(node, report, what)
    if table is None:
        return None
    check_keys(table, report, what, ACCEPTED_KEYS, ())
    asked, about, why = (table.get(key) for key in ACCEPTED_KEYS)
    check = None if asked is None else _check(asked, report, what)
    of = None if about is None else _subject(about, subjects, report, what)
    because = None if why is None else prose_of(why, report, f"{what}: `because`")
    if check is None or of is None or because is None:
        return None
    return Accepted(check, of, because, table.place)


def _check(node: Node, report: Report, what: str) -> str | None:
    check = text_of(node, report, f"{what}: `check`")
    if check is not None and not _CHECK.fullmatch(check):
        message = f"{what}: `check` is a code such as `D104`, not `{short(check)}`"
        report.add(node.place, "bad-check", message)
        return None
    return check


def _subject(node: Node, subjects: Collection[str], report: Report, what: str) -> str | None:
    of = text_of(node, report, f"{what}: `of`")
    if of is not None and of not in subjects:
        kinds = "offer, condition, segment, stage, placement or attribute"
        message = f"{what}: no {kinds} `{short(of)}`{report.hint(of, subjects)}"
        report.add(node.place, "unknown-name", message)
        return None
    return of
