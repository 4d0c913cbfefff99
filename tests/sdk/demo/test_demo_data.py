"""The packed purchases are CDNOW's, and what is said of a customer follows from them."""

from __future__ import annotations

import datetime
import hashlib
import lzma
from collections.abc import Sequence
from pathlib import Path

import pytest

from discreet.demo import pack_cdnow
from discreet.demo.histories import (
    CDNOW,
    SHIFT_DAYS,
    History,
    Purchase,
    customer_attributes,
    midnight_s,
    read_histories,
    request_attributes,
)
from discreet_consent import Observed

DAY = datetime.date
ROOT = Path(__file__).parents[3]
MASTER = """ customer_id  date number_of_cds  dollar_value
 00001 19970101  1   11.77
 00002 19970112  1   12.00
 00002 19970112  5   77.00
"""


@pytest.fixture(scope="module")
def histories() -> tuple[History, ...]:
    return read_histories()


def values(purchases: Sequence[Purchase]) -> dict[str, object]:
    found = customer_attributes(purchases)
    return {name: each.value for name, each in found.items() if isinstance(each, Observed)}


def ms(iso: str) -> int:
    return midnight_s(DAY.fromisoformat(iso)) * 1_000


def test_every_purchase_and_customer_is_there(histories: tuple[History, ...]) -> None:
    purchases = [purchase for history in histories for purchase in history.purchases]

    assert len(histories) == 23_570
    assert len(purchases) == 69_659
    assert sum(purchase.cds for purchase in purchases) == 167_881
    assert sum(purchase.cents for purchase in purchases) == 250_031_563


def test_the_first_and_last_day_are_those_of_the_source_moved_by_28_years(
    histories: tuple[History, ...],
) -> None:
    days = [purchase.day for history in histories for purchase in history.purchases]

    assert min(days) == DAY(2025, 1, 1) == DAY(1997, 1, 1) + datetime.timedelta(SHIFT_DAYS)
    assert max(days) == DAY(2026, 6, 30) == DAY(1998, 6, 30) + datetime.timedelta(SHIFT_DAYS)
    assert max(history.purchases[0].day for history in histories) == DAY(2025, 3, 25)


def test_the_move_keeps_weekdays() -> None:
    assert SHIFT_DAYS % 7 == 0


def test_purchases_are_in_order_and_rows_count_from_one(histories: tuple[History, ...]) -> None:
    assert [history.row for history in histories] == list(range(1, 23_571))
    assert all(
        [each.day for each in history.purchases] == sorted(each.day for each in history.purchases)
        for history in histories
    )


def test_the_packed_file_has_the_checksums_that_its_source_note_names() -> None:
    packed = (CDNOW / "purchases.csv.xz").read_bytes()
    note = (CDNOW / "SOURCE.md").read_text("utf-8")

    assert len(packed) < 400_000
    assert hashlib.sha256(packed).hexdigest() in note
    assert hashlib.sha256(lzma.decompress(packed)).hexdigest() in note


def test_packing_keeps_every_field_and_is_reproducible() -> None:
    packed = pack_cdnow.pack(MASTER.splitlines())

    assert packed == pack_cdnow.pack(MASTER.splitlines())
    assert lzma.decompress(packed).decode() == (
        "customer,date,cds,dollars\n1,1997-01-01,1,11.77\n2,1997-01-12,1,12.00\n2,1997-01-12,5,77.00\n"
    )


def test_packing_refuses_a_line_that_is_no_purchase_and_names_its_number() -> None:
    with pytest.raises(ValueError, match="line 3"):
        pack_cdnow.pack(["header", " 00001 19970101  1   11.77", " 00001 19971301  1   11.77"])


def test_the_attributes_of_a_customer_follow_from_their_purchases(histories: tuple[History, ...]) -> None:
    # Customer 3 by hand: 2 CDs for 20.76 on 2 January, then 2 (20.76), 2 (19.54), 5 (57.45), 4 (20.96), 1 (16.99).
    assert values(histories[2].before(DAY(2026, 7, 1))) == {
        "customer_since": ms("2025-01-02"),
        "last_purchase": ms("2026-05-28"),
        "purchases": 6,
        "purchase_days": 6,
        "cds": 16,
        "spend": 156.46,
        "mean_order": 26.08,
        "largest_order_cds": 5,
        "usual_gap_days": 511 / 5,
        "usual_weekday": "thursday",
        "months_bought": ["april", "january", "march", "may", "november"],
    }


def test_two_orders_of_one_day_are_two_purchases_on_one_day(histories: tuple[History, ...]) -> None:
    found = values(histories[1].before(DAY(2026, 7, 1)))

    assert (found["purchases"], found["purchase_days"], found["spend"]) == (2, 1, 89.0)
    assert "usual_gap_days" not in found


def test_only_what_happened_before_the_day_is_known(histories: tuple[History, ...]) -> None:
    third = histories[2]

    assert third.before(DAY(2025, 1, 2)) == ()
    assert values(third.before(DAY(2025, 3, 31)))["purchases"] == 2
    assert values(third.before(DAY(2025, 3, 30)))["purchases"] == 1


def test_every_value_is_observed_at_the_last_purchase(histories: tuple[History, ...]) -> None:
    found = customer_attributes(histories[2].before(DAY(2025, 4, 2)))

    assert {each.at_s for each in found.values() if isinstance(each, Observed)} == {
        midnight_s(DAY(2025, 3, 30))
    }
    assert all(isinstance(each, Observed) for each in found.values())


def test_the_insights_that_the_conditions_rest_on_are_in_the_data(histories: tuple[History, ...]) -> None:
    found = [values(history.purchases) for history in histories]
    days = [int(str(each["purchase_days"])) for each in found]
    gaps = sorted(float(str(each["usual_gap_days"])) for each in found if "usual_gap_days" in each)
    top_tenth = {
        name: sorted(float(str(each[name])) for each in found)[int(0.9 * len(found))]
        for name in ("spend", "mean_order", "largest_order_cds")
    }

    assert round(days.count(1) / len(days), 3) == 0.511
    assert round(sum(each >= 5 for each in days) / len(days), 3) == 0.163
    assert gaps[len(gaps) // 2] == 82.5
    assert round(sum(each <= 45 for each in gaps) / len(gaps), 2) == 0.28
    assert top_tenth == {"spend": 242.35, "mean_order": 61.1, "largest_order_cds": 6}


def test_the_retention_makes_strangers_of_as_many_as_the_readme_says(histories: tuple[History, ...]) -> None:
    today = DAY(2026, 7, 1)
    forgotten = sum((today - history.purchases[-1].day).days > 500 for history in histories)

    assert f"{forgotten:,} customers are\nstrangers again" in (CDNOW / "README.md").read_text("utf-8")


def test_the_request_tells_its_day_and_nothing_else() -> None:
    assert request_attributes(DAY(2026, 7, 1)) == {"weekday": "wednesday", "month": 7}


def test_a_limit_takes_the_first_customers(histories: tuple[History, ...]) -> None:
    assert read_histories(25) == histories[:25]


def test_the_example_is_the_demo() -> None:
    link = ROOT / "examples" / "cdnow"

    assert link.is_symlink()
    assert not link.readlink().is_absolute()
    assert link.resolve() == CDNOW.resolve()
