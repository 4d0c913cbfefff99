"""What a whole file of decisions must say of itself: signals that nobody could read, and files that are their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from discreet.offline import RowConsents, decide_file
from discreet.offline.errors import UnreadableVisitors
from support.compiled import EVERYTHING, NOW_S, evaluator, offer

SHOP = evaluator(offer(when="n >= 1"))


def visitors(folder: Path, *lines: str) -> Path:
    file = folder / "visitors.csv"
    file.write_text("\n".join(["n,tcf,place", *lines]) + "\n", encoding="utf-8")
    return file


@pytest.mark.parametrize("threads", [1, 3])
def test_unreadable_signals_and_unknown_places_are_counted(tmp_path: Path, threads: int) -> None:
    file = visitors(tmp_path, *["1,rubbish,IT", "1,,DE", "1,rubbish,Italy", "1,,"] * 5)
    consents = RowConsents({"tcf": "tcf", "region": "place"}, region=None, policy=None, now_s=NOW_S)

    summary = decide_file(
        SHOP, file, tmp_path / "decisions.jsonl", consents, ["p"], now_s=NOW_S, threads=threads, batch_rows=3
    )

    assert (summary.rows, summary.unreadable, summary.placeless) == (20, 10, 10)


def test_one_consent_for_all_leaves_nothing_to_count(tmp_path: Path) -> None:
    summary = decide_file(
        SHOP, visitors(tmp_path, "1,rubbish,"), tmp_path / "decisions.csv", EVERYTHING, ["p"], now_s=NOW_S
    )

    assert (summary.unreadable, summary.placeless) == (0, 0)


def test_the_visitors_are_not_replaced_by_their_decisions(tmp_path: Path) -> None:
    file = visitors(tmp_path, "1,,IT")
    before = file.read_bytes()

    with pytest.raises(UnreadableVisitors, match="would replace the visitors"):
        decide_file(SHOP, str(file), f"{file.parent}/./{file.name}", EVERYTHING, ["p"], now_s=NOW_S)

    assert file.read_bytes() == before
