"""One evaluator serves many threads and forked processes, and a decision leaves nothing behind."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from discreet import Evaluator
from discreet.runtime.index import WARM_UP
from support.compiled import BUNDLE, EVERYTHING, NOW_S, document, evaluator, offer
from support.products import bundle_bytes, evaluator_of, warmed

STAGES = [{"id": "first"}, *({"id": f"s{n}", "when": f"m > {n}"} for n in range(6))]
OFFERS = (
    *(offer(f"n{number}", when=f"n >= {number}", priority=number) for number in range(40)),
    offer("text", when='contains(s, "q") or starts_with(s, "a")', priority=100),
    offer("set", when='all_of(t, "x", "y") and not any_of(t, "z")', priority=101, stages=["s3"]),
    offer("days", when="days_since(d) < 2 and b", priority=102, content={"title": "{s|you}"}),
)
SHOP = [document(*OFFERS, stages=STAGES)]
VISITORS: list[dict[str, object]] = [
    {
        "n": number % 45, "m": number % 9, "b": number % 2 == 0, "s": "aqx"[number % 3 :], "d": NOW_S * 1000 - number,
        "t": ["x", "y", "z"][: number % 4],
    }
    for number in range(200)
]  # fmt: skip


def answers(of: Evaluator) -> list[dict[str, object]]:
    return [
        of.decide("p", of.permit(visitor, EVERYTHING, now_s=NOW_S), now_s=NOW_S).as_dict()
        for visitor in VISITORS
    ]


def test_many_threads_on_a_cold_evaluator_all_get_the_right_answers() -> None:
    expected = answers(warmed(evaluator_of(SHOP)))
    data = bundle_bytes(SHOP)
    crowd = 8

    for _ in range(4):
        cold = evaluator_of(SHOP)
        start = threading.Barrier(crowd)

        def work(cold: Evaluator = cold, start: threading.Barrier = start) -> list[dict[str, object]]:
            start.wait()
            return answers(cold)

        with ThreadPoolExecutor(crowd) as pool:
            found = [future.result() for future in [pool.submit(work) for _ in range(crowd)]]
        assert found == [expected] * crowd
        assert cold.bundle.models[0].index.alive.__name__ == "alive"
    assert data == bundle_bytes(SHOP)


def test_the_quick_path_is_taken_even_when_a_count_was_skipped() -> None:
    index = evaluator(offer(when="b")).bundle.models[0].index
    for _ in range(WARM_UP + 5):
        index.alive_plainly([None] * 6, 0)
    index.alive = index.alive_plainly  # what two threads that count at once can leave behind

    index.alive([None] * 6, 0)

    assert index.alive.__name__ == "alive"


FORKED = """
import os, sys, warnings
warnings.simplefilter("error")
import test_threads_forks_memory as t
from support.products import evaluator_of, warmed
for shop in (evaluator_of(t.SHOP), warmed(evaluator_of(t.SHOP))):
    before = t.answers(shop) if shop.bundle.models[0].index.alive.__name__ == "alive" else None
    child = os.fork()
    if child == 0:
        os._exit(0 if t.answers(shop) == t.answers(evaluator_of(t.SHOP)) else 7)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0, status
    assert before is None or t.answers(shop) == before
import multiprocessing
with multiprocessing.get_context("fork").Pool(1) as pool:
    assert pool.apply(t.one_answer, (0,)) == t.one_answer(0)
print("same")
"""


def one_answer(number: int) -> dict[str, object]:
    """What a worker process sends back: plain data, as decisions are not pickled."""
    return answers(_INHERITED)[number]


_INHERITED = evaluator_of(SHOP)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_process_decides_the_same() -> None:
    folders = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

    ran = subprocess.run(
        [sys.executable, "-c", FORKED],
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(folders)},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (ran.stdout.strip(), ran.stderr) == ("same", "")


def test_ten_thousand_decisions_leave_nothing_behind() -> None:
    shop = warmed(evaluator_of(SHOP))

    def decide(number: int) -> None:
        visitor = {
            name: value for name, value in VISITORS[number % 200].items() if (number >> (ord(name) % 11)) & 1
        }
        known = shop.permit({**visitor, f"stranger{number}": number}, EVERYTHING, now_s=NOW_S)
        shop.decide("p", known, now_s=NOW_S + number % 1_000)

    for number in range(2_000):
        decide(number)
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(2_000):
            decide(number)
        gc.collect()
        settled, _ = tracemalloc.get_traced_memory()
        for number in range(2_000, 12_000):
            decide(number)
        gc.collect()
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert grown - settled < 2_000  # bytes, after 10,000 different sets of attributes


def test_a_decision_makes_no_cycle_for_the_collector() -> None:
    shop = warmed(evaluator_of(SHOP))
    gc.collect()
    gc.disable()
    try:
        for visitor in VISITORS:
            shop.decide("p", shop.permit(visitor, EVERYTHING, now_s=NOW_S), now_s=NOW_S)
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_the_clock_moves_the_bundle_and_nothing_else() -> None:
    shop = warmed(evaluator_of(SHOP))
    known = shop.permit(VISITORS[1], EVERYTHING, now_s=NOW_S)

    assert shop.decide("p", known, now_s=BUNDLE["expires_s"] - 1).reason.value == "matched"
    assert shop.decide("p", known, now_s=BUNDLE["expires_s"]).reason.value == "expired"
    assert shop.decide("p", known, now_s=BUNDLE["expires_s"] - 1).reason.value == "matched"
