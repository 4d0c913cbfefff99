"""Batches over large models: thinned numbers, sparse keys, large sets, many stages; and a machine without pyarrow."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped] # it has no types
import pytest

import discreet
from discreet.offline import array_of
from discreet.runtime.batch import decide_batch, run
from discreet.runtime.batch.groups import groups_of
from discreet.runtime.batch.numbers import Ruler
from discreet.runtime.batch.tables import Tables, tables_of
from support.compiled import EVERYTHING, NOW_S, Document, evaluator, offer

DAY_MS = 86_400_000


def numbers(dice: Random) -> tuple[list[Document], dict[str, Any]]:
    """More bounds than a number has cells, so that the index only narrows down."""
    whens = []
    for _ in range(700):
        low = dice.randrange(4_000) / 4
        whens.append(f"{low} <= n < {low + dice.choice((0.25, 3, 40))} and m != {dice.randrange(9)}")
    for _ in range(300):
        low = dice.randrange(1_000) / 2
        whens.append(f"{low} < days_since(d) <= {low + 0.5}")
    return [offer(f"o{place}", when=when, priority=-place) for place, when in enumerate(whens)], {}


def keys(dice: Random) -> tuple[list[Document], dict[str, Any]]:
    """More keys of a text and of a set than have rows of their own."""
    whens = [f's == "k{key}"' for key in range(1_500)]
    whens += [f's not in ["k{key}", "k{key + 1}"] and "t{key}" in t' for key in range(1_500)]
    dice.shuffle(whens)
    return [offer(f"o{place}", when=when, priority=-place) for place, when in enumerate(whens)], {}


def sets(dice: Random) -> tuple[list[Document], dict[str, Any]]:
    """Members that are wanted, that all are wanted, and that are refused."""
    offers = []
    for place in range(300):
        members = ", ".join(f'"t{dice.randrange(40)}"' for _ in range(3))
        word = dice.choice(("any_of", "all_of", "not any_of", "not all_of"))
        texts = dice.choice(('starts_with(s, "k1")', 'not contains(s, "7")', 'ends_with(s, "3")', "known(s)"))
        offers.append(offer(f"o{place}", when=f"{word}(t, {members}) and {texts} and n >= {dice.randrange(900)}",
                            priority=-place))  # fmt: skip
    return offers, {}


def stages(count: int) -> Callable[[Random], tuple[list[Document], dict[str, Any]]]:
    """So many stages with entry conditions."""

    def made(dice: Random) -> tuple[list[Document], dict[str, Any]]:
        entered = [
            {"id": f"s{place}", "when": f'n >= {dice.randrange(900)} and "t{place % 40}" in t'}
            for place in range(count)
        ]
        offers = [
            offer(
                f"o{place}", stages=[f"s{dice.randrange(count)}"], when=f"m < {place % 9 + 1}", priority=place
            )
            for place in range(200)
        ]
        return offers, {"stages": [{"id": "first"}, *entered]}

    return made


def visitors(dice: Random, count: int = 400) -> list[dict[str, Any]]:
    """Visitors near the bounds of all of these models."""

    def some(value: Any) -> Any:
        return None if dice.random() < 0.2 else value

    return [
        {
            "n": some(dice.randrange(4_000) / 4),
            "m": some(dice.randrange(10)),
            "s": some(f"k{dice.randrange(1_600)}"),
            "t": some([f"t{dice.randrange(60)}" for _ in range(dice.choice((0, 1, 3, 8, 9, 30)))]),
            "d": some(NOW_S * 1_000 - dice.randrange(1_200) * DAY_MS / 2),
            "b": some(dice.random() < 0.5),
        }
        for _ in range(count)
    ]


@pytest.mark.parametrize(
    "model",
    [numbers, keys, sets, stages(5), stages(14), stages(70)],
    ids=["numbers", "keys", "sets", "5 stages", "14 stages", "70 stages"],
)
def test_a_large_model_decides_a_batch_like_its_rows(
    model: Callable[[Random], tuple[list[Document], dict[str, Any]]],
) -> None:
    dice = Random("large")  # noqa: S311 - the same every time
    offers, fields = model(dice)
    of, seen = evaluator(*offers, **fields), visitors(dice)
    batch = pa.RecordBatch.from_arrays(
        [array_of([each[name] for each in seen]) for name in seen[0]], names=list(seen[0])
    )

    found = decide_batch(of, batch, EVERYTHING, "p", now_s=NOW_S).to_pylist()

    single = [of.decide("p", of.permit(each, EVERYTHING, now_s=NOW_S), now_s=NOW_S) for each in seen]
    assert found == [each.as_record() for each in single]
    assert len({each.offer for each in single}) > 5, "the visitors must tell the offers apart"


def facts_of(columns: dict[str, Any], of: discreet.Evaluator) -> dict[int, Any]:
    """What a batch of these columns says, by the attributes' numbers."""
    batch = pa.RecordBatch.from_pydict(columns)
    (group,) = groups_of(of.catalogue, batch, EVERYTHING, NOW_S)
    return group.facts(0, batch.num_rows)


def test_what_no_clause_names_takes_no_room() -> None:
    of = evaluator(
        *(offer(f"o{place}", when=f's == "k{place}" or "m{place}" in t') for place in range(1_500))
    )
    tables = tables_of(of.bundle.models[0])
    rows = 3_000
    named = {
        "s": [f"k{row % 1_500}" for row in range(rows)],
        "t": [[f"m{row % 1_500}"] for row in range(rows)],
    }
    strange = {"s": [f"x{row}" for row in range(rows)], "t": [[f"x{row}"] for row in range(rows)]}

    made = [tables.lanes(facts_of(each, of), rows, NOW_S * 1_000) for each in (named, strange)]
    sizes = [tables.size_bytes(facts_of(each, of)) for each in (named, strange)]

    cells = [sum(lane.table.shape[1] for lane in lanes) for lanes in made]
    assert cells[0] > 1_500
    assert cells[1] < 20
    assert sizes[0] >= sum(lane.table.nbytes for lane in made[0]) * 0.9
    assert sizes[1] == 0


@pytest.mark.parametrize("model", [keys, sets], ids=["keys", "sets"])
def test_a_batch_that_needs_much_memory_is_cut(
    monkeypatch: pytest.MonkeyPatch, model: Callable[[Random], tuple[list[Document], dict[str, Any]]]
) -> None:
    dice = Random("cut")  # noqa: S311 - the same every time
    of, seen = evaluator(*model(dice)[0]), visitors(dice, 900)
    batch = pa.RecordBatch.from_arrays(
        [array_of([each[name] for each in seen]) for name in seen[0]], names=list(seen[0])
    )
    whole = decide_batch(of, batch, EVERYTHING, "p", now_s=NOW_S)
    largest: list[int] = []
    lanes = Tables.lanes

    def watched(self: Tables, facts: Any, rows: int, now_ms: float) -> Any:
        largest.append(self.size_bytes(facts))
        return lanes(self, facts, rows, now_ms)

    monkeypatch.setattr(Tables, "lanes", watched)
    monkeypatch.setattr(run, "MOST_BYTES", 20_000)
    cut = decide_batch(of, batch, EVERYTHING, "p", now_s=NOW_S)

    assert cut.to_pylist() == whole.to_pylist()
    assert len(largest) > 3
    assert max(largest) < 150 * 400, "64 rows are not cut any further"


def test_thinned_numbers_are_confirmed_without_a_look_at_each_row() -> None:
    offers, _ = numbers(Random("large"))  # noqa: S311 - the same every time
    tables = tables_of(evaluator(*offers).bundle.models[0])

    assert tables.intervals.simple.sum() > 200
    assert (tables.sure | tables.intervals.simple)[tables.first + 1 :].all()


ULP = 2.0**-52
BREAKS: Sequence[Sequence[float]] = (
    [], [0.0], [1.0, 1.0 + ULP], [-1e308, 1e308], [0.0, 5e-324, 1e-300, 1.0], [float(n) for n in range(255)],
    [n / 7 for n in range(-300, 300)], [1.0, 1.0 + ULP, 1.0 + 2 * ULP, 1.0 + 3 * ULP, 1.0 + 4 * ULP, 1e9],
    [2.0**n for n in range(-1_000, 1_000)],
)  # fmt: skip


@pytest.mark.parametrize("breaks", BREAKS, ids=range(len(BREAKS)))
def test_a_ruler_finds_the_cells_that_bisection_finds(breaks: Sequence[float]) -> None:
    from bisect import bisect_right

    import numpy as np

    around = [at for each in breaks for at in (each, np.nextafter(each, -np.inf), np.nextafter(each, np.inf))]
    values = np.array([*around, 0.0, -0.0, 0.5, 1e300, -1e300, 1.7e308, -1.7e308], np.float64)
    values = values[np.isfinite(values)]

    assert Ruler(breaks).cells(values).tolist() == [bisect_right(breaks, each) for each in values.tolist()]


@pytest.mark.parametrize("missing", ["numpy", "pyarrow"])
def test_without_the_extra_a_batch_is_refused_in_a_sentence(missing: str) -> None:
    code = (
        f"import sys; sys.modules['{missing}'] = None\n"
        "from discreet.runtime.batch import decide_batch\n"
        "from discreet.errors import MissingExtra\n"
        "def offline(): from discreet.offline import decide_file\n"
        "for ask in (lambda: decide_batch(None, None, None, 'p', now_s=0), offline):\n"
        "    try:\n"
        "        ask()\n"
        "    except MissingExtra as error:\n"
        "        print(error)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stdout.splitlines() == [
        'deciding in batches needs the extra `offline`: pip install "discreet[offline]"',
        'deciding for files needs the extra `offline`: pip install "discreet[offline]"',
    ]
