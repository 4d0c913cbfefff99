"""Promise 6: the same bundle, visitor, consent and clock give the same decision, single or batch, whoever asks."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import discreet
from discreet_consent import Consent
from support.products import TEST_RING, bundle_bytes, evaluator_of, warmed
from support.strategies import CLOCKS, NOW_S, attributes_of, bundles, consents, visitors
from support.vectors.cases import BUNDLE

THREADS = 4


def page(
    evaluator: discreet.Evaluator, attributes: Mapping[str, object], consent: Consent, now_s: float
) -> list[dict[str, Any]]:
    """The same page asked for in every way that there is; all must agree."""
    permitted = evaluator.permit(attributes, consent, now_s=now_s)
    together = evaluator.decide_all(permitted, now_s=now_s)
    for placement in evaluator.placements:
        single = evaluator.decide(placement, permitted, now_s=now_s)
        (first,) = evaluator.decide_top(placement, permitted, 1, now_s=now_s)
        explained = evaluator.explain(placement, permitted, now_s=now_s).decision
        assert single == first == together[placement] == explained
        assert single.as_dict() == first.as_dict() == together[placement].as_dict()
    return [together[placement].as_dict() for placement in evaluator.placements]


@given(data=st.data(), documents=bundles(waivers=True))
def test_one_bundle_decides_the_same_however_it_is_loaded_and_asked(
    data: st.DataObject, documents: list[Any]
) -> None:
    bundle = bundle_bytes(documents)
    once, twice = (discreet.load_bytes(bundle, TEST_RING, now_s=BUNDLE["created_s"]) for _ in range(2))
    warm = warmed(evaluator_of(documents))
    for _ in range(3):
        attributes = data.draw(visitors(attributes_of(documents)))
        consent, now_s = data.draw(consents()), data.draw(CLOCKS)

        decided = page(once, attributes, consent, now_s)

        assert decided == page(twice, attributes, consent, now_s) == page(warm, attributes, consent, now_s)
        foreign = warm.permit(
            attributes, consent, now_s=now_s
        )  # permitted under another catalogue, declared alike
        assert [each.as_dict() for each in once.decide_all(foreign, now_s=now_s).values()] == decided


@given(documents=bundles(waivers=True))
def test_building_is_reproducible(documents: list[Any]) -> None:
    assert bundle_bytes(documents) == bundle_bytes(documents)


@settings(max_examples=10)
@given(data=st.data(), documents=bundles(waivers=True))
def test_threads_that_share_an_evaluator_do_not_disturb_each_other(
    data: st.DataObject, documents: list[Any]
) -> None:
    evaluator = evaluator_of(documents)
    catalogue = attributes_of(documents)
    visits = [(data.draw(visitors(catalogue)), data.draw(consents()), NOW_S) for _ in range(6)]
    alone = [page(evaluator_of(documents), *visit) for visit in visits]
    gate = threading.Barrier(THREADS)

    def work(_: int) -> list[list[dict[str, Any]]]:
        gate.wait()
        return [page(evaluator, *visit) for _ in range(15) for visit in visits]  # past the warm-up, together

    with ThreadPoolExecutor(THREADS) as pool:
        for answers in pool.map(work, range(THREADS)):
            assert answers == alone * 15
