"""One bundle serves until a better one is there: what is swapped, refused, fallen back to, and said of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from discreet import Keyring
from discreet.errors import BadSignature, BundleError, ExpiredBundle, MalformedBundle
from discreet.runtime import Key
from discreet.serving import Bundles, Outcome, Served, SourceError, Trouble
from discreet_consent import Consent
from support.compiled import NOW_S, evaluator, offer
from support.products import TEST_KEY, TEST_RING
from support.served_bundles import DAY_S, EXPIRES_S, STRANGER, Shop, bundle, spoiled, version_of

# What the source may hold that must not be served after version 7: the error's name, and the version where it is known.
REFUSED = {
    "corrupt": (spoiled(bundle(8)), "BadSignature", None),
    "half": (bundle(8)[:-7], "MalformedBundle", None),
    "empty": (b"", "MalformedBundle", None),
    "older": (bundle(6), "OlderThanServed", 6),
    "expired": (bundle(8, expires_s=NOW_S), "ExpiredBundle", None),
    "not yet": (bundle(8, created_s=NOW_S + DAY_S), "ExpiredBundle", None),
    "another signer": (bundle(8, key=STRANGER), "BadSignature", None),
    "same version": (bundle(7, "other"), "ChangedContent", 7),
}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def shown(served: Served, now_s: float) -> tuple[str, str]:
    nobody = served.evaluator.permit({}, Consent.refusing(), now_s=now_s)
    decision = served.evaluator.decide("p", nobody, now_s=now_s)
    return decision.offer, decision.reason.value


def test_a_newer_bundle_takes_over(shop: Shop) -> None:
    bundles = shop.started(bundle(7))
    first = bundles.current
    shop.put(bundle(8, "new"))

    assert bundles.refresh() is Outcome.SWAPPED
    assert shown(bundles.current, shop.now_s) == ("new", "matched")
    assert (bundles.current.data, bundles.current.digest) == (
        bundle(8, "new"),
        bundles.status().digest,
    )
    assert shown(first, shop.now_s) == ("it", "matched")  # whoever still holds it


def test_nothing_happens_while_nothing_changes(shop: Shop) -> None:
    bundles = shop.started(bundle(7))
    first = bundles.current

    assert [bundles.refresh() for _ in range(3)] == [Outcome.UNCHANGED] * 3
    assert bundles.current is first


@pytest.mark.parametrize("case", REFUSED)
def test_what_must_not_be_served_is_refused_and_status_says_so(shop: Shop, case: str) -> None:
    data, kind, version = REFUSED[case]
    bundles = shop.started(bundle(7))
    first = bundles.current
    shop.put(data)
    shop.now_s += 60

    assert [bundles.refresh(), bundles.refresh()] == [Outcome.REFUSED] * 2
    assert bundles.current is first
    status = bundles.status()
    assert status.refused is not None
    assert (status.refused.kind, status.refused.version) == (kind, version)
    assert (status.refused.at_s, status.failures, status.version) == (shop.now_s, 2, 7)
    assert status.checked_s == shop.now_s
    assert status.confirmed_s == shop.now_s - 60


@pytest.mark.parametrize("case", REFUSED)
def test_a_good_one_ends_the_trouble(shop: Shop, case: str) -> None:
    bundles = shop.started(bundle(7), REFUSED[case][0])
    shop.put(bundle(9))

    assert bundles.refresh() is Outcome.SWAPPED
    assert (bundles.status().refused, bundles.status().failures) == (None, 0)


def test_the_old_one_put_back_ends_the_trouble_too(shop: Shop) -> None:
    bundles = shop.started(bundle(7), REFUSED["corrupt"][0])
    shop.put(bundle(7))

    assert bundles.refresh() is Outcome.UNCHANGED
    assert (bundles.status().refused, bundles.status().failures) == (None, 0)


def test_the_first_instant_of_a_refusal_stays_and_a_different_one_has_its_own(shop: Shop) -> None:
    bundles = shop.started(bundle(7), spoiled(bundle(8)))
    shop.now_s += 100  # due to be judged again
    bundles.refresh()
    assert bundles.status().refused == Trouble(
        "BadSignature", f"the signature of key `{TEST_KEY.public.id}` does not hold", None, NOW_S
    )
    shop.offer(bundles, [spoiled(bundle(9))])

    refused = bundles.status().refused
    assert refused is not None
    assert refused.at_s == NOW_S + 100


def test_a_lost_source_is_unreachable_and_the_bundle_stays(shop: Shop) -> None:
    bundles = shop.started(bundle(7), spoiled(bundle(8)))
    shop.file.unlink()

    assert [bundles.refresh(), bundles.refresh()] == [Outcome.UNREACHABLE] * 2
    status = bundles.status()
    assert (status.version, status.failures) == (7, 3)
    assert status.unreachable == Trouble(
        "SourceError", f"`{shop.file}` cannot be read: No such file or directory", None, NOW_S
    )
    assert status.refused is None  # whether it is still there, nobody knows
    shop.put(spoiled(bundle(8)))
    assert bundles.refresh() is Outcome.REFUSED
    refused = bundles.status().refused
    assert refused is not None
    assert refused.at_s == NOW_S  # it was, all the time
    shop.put(bundle(7))
    assert bundles.refresh() is Outcome.UNCHANGED
    assert bundles.status().unreachable is None


def test_refused_bytes_are_not_verified_again(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    asked: list[str] = []

    class Counted(dict[str, Key]):
        def get(self, name: str, default: object = None) -> Any:
            asked.append(name)
            return super().get(name, default)

    shop.ring = Keyring(TEST_RING.keys.values())
    shop.ring.keys = Counted(shop.ring.keys)
    bundles = shop.started(bundle(7), bundle(6))
    assert len(asked) == 2
    caplog.clear()
    for _ in range(5):
        shop.now_s += 1_000
        shop.file.touch()
        assert bundles.refresh() is Outcome.REFUSED

    assert len(asked) == 2
    assert caplog.records == []  # and it is said once


def test_a_bundle_whose_time_comes_is_taken_then(shop: Shop) -> None:
    bundles = shop.started(bundle(7), bundle(8, created_s=NOW_S + DAY_S))
    os.utime(shop.file, (1_000, 1_000))
    bundles.refresh()  # from now on the source has nothing new to say
    shop.now_s += DAY_S - 1
    assert bundles.refresh() is Outcome.REFUSED
    shop.now_s += 60

    assert bundles.refresh() is Outcome.SWAPPED
    assert version_of(bundles) == 8


def test_a_bundle_whose_key_becomes_valid_is_taken_then(shop: Shop) -> None:
    later = Key(STRANGER.public.public, not_before_s=NOW_S + DAY_S)
    shop.ring = Keyring([TEST_KEY.public, later])
    bundles = shop.started(bundle(7), bundle(8, key=STRANGER))
    assert version_of(bundles) == 7
    shop.now_s += DAY_S

    assert bundles.refresh() is Outcome.SWAPPED


def test_a_bundle_signed_anew_keeps_its_digest_but_not_its_tag(shop: Shop) -> None:
    shop.ring = Keyring([TEST_KEY.public, STRANGER.public])
    bundles = shop.started(bundle(7))
    first = bundles.current
    shop.put(bundle(7, key=STRANGER))

    assert bundles.refresh() is Outcome.SWAPPED
    assert bundles.current.digest == first.digest
    assert bundles.current.etag != first.etag


def test_rolling_back_is_possible_where_it_is_allowed_down_to_the_floor(shop: Shop) -> None:
    bundles = shop.started(bundle(7), bundle(9, floor=5), bundle(6), rollback=True)
    assert version_of(bundles) == 6
    shop.put(bundle(4))

    assert bundles.refresh() is Outcome.REFUSED
    refused = bundles.status().refused
    assert refused is not None
    assert (refused.kind, refused.version) == ("OlderThanFloor", 4)
    shop.offer(bundles, [bundle(6, "other")])
    assert bundles.status().refused == Trouble(
        "ChangedContent", "bundle version 6 was served here with another content", 6, NOW_S
    )
    shop.offer(bundles, [bundle(9, "other")])
    assert version_of(bundles) == 6


def test_a_version_that_was_rolled_back_stays_the_newest_for_a_process_that_may_not(shop: Shop) -> None:
    shop.started(bundle(7), bundle(9), bundle(6), rollback=True)
    strict = shop.bundles()
    strict.start()

    status = strict.status()
    assert (status.version, status.from_store) == (
        6,
        True,
    )  # what was served last, as there is nothing better
    assert status.refused is not None
    assert status.refused.kind == "OlderThanServed"
    shop.offer(strict, [bundle(8)])
    assert version_of(strict) == 6
    shop.offer(strict, [bundle(9)])
    assert version_of(strict) == 9


def test_a_restart_remembers_what_was_served(shop: Shop) -> None:
    shop.started(bundle(7), bundle(8))
    shop.put(bundle(7))
    again = shop.bundles()
    served = again.start()

    assert (served.data, served.is_fallback) == (bundle(8), True)
    assert again.status().refused == Trouble(
        "OlderThanServed", "bundle version 7 is older than version 8, which was served here", 7, NOW_S
    )


def test_without_a_store_a_restart_remembers_nothing(shop: Shop) -> None:
    shop.started(bundle(8), store=None)
    shop.put(bundle(7))

    assert version_of(shop.started(bundle(7), store=None)) == 7
    assert not shop.folder.exists()


@pytest.mark.parametrize("case", [case for case in REFUSED if case != "older"])
def test_a_bad_source_at_the_start_leaves_the_last_good_one(shop: Shop, case: str) -> None:
    shop.started(bundle(7))
    shop.put(REFUSED[case][0])
    bundles = shop.bundles()

    assert bundles.start().is_fallback
    status = bundles.status()
    assert (status.version, status.from_store, status.failures, status.confirmed_s) == (7, True, 1, None)
    assert status.refused is not None
    assert bundles.start() is bundles.current  # a second start changes nothing


@pytest.mark.parametrize("data", [None, b"", bundle(8, key=STRANGER)], ids=["none", "malformed", "stranger"])
def test_what_is_wrong_at_the_start_is_raised_or_logged_and_not_both(
    shop: Shop, caplog: pytest.LogCaptureFixture, data: bytes | None
) -> None:
    if data is not None:
        shop.put(data)
    with pytest.raises((BundleError, SourceError)):
        shop.bundles().start()
    assert caplog.records == []

    shop.started(bundle(7))
    if data is None:
        shop.file.unlink()
    else:
        shop.put(data)
    caplog.clear()
    bundles = shop.bundles()
    bundles.start()
    bundles.refresh()
    trouble = bundles.status().refused or bundles.status().unreachable
    assert trouble is not None
    assert [trouble.text in each.getMessage() for each in caplog.records] == [True, False]
    assert caplog.messages[1] == "in service: the last good bundle, `small` version 7"


def test_a_fallback_that_the_source_has_again_is_none_any_more(shop: Shop) -> None:
    shop.started(bundle(7))
    shop.file.unlink()
    bundles = shop.bundles()
    first = bundles.start()
    shop.put(bundle(7))

    assert bundles.refresh() is Outcome.UNCHANGED
    assert (first.is_fallback, bundles.current.is_fallback) == (True, False)
    assert bundles.current.evaluator is first.evaluator
    assert not bundles.status().from_store


@pytest.mark.parametrize(
    ("data", "error"), [(None, SourceError), (b"no", MalformedBundle), (spoiled(bundle(7)), BadSignature)]
)
def test_with_nothing_good_at_all_the_start_fails(
    shop: Shop, data: bytes | None, error: type[Exception]
) -> None:
    if data is not None:
        shop.put(data)

    bundles = shop.bundles()
    with pytest.raises(error):
        bundles.start()
    shop.put(bundle(7))
    assert bundles.start().evaluator.bundle.version == 7  # and can be tried again


def test_a_last_good_bundle_that_was_changed_does_not_serve(shop: Shop) -> None:
    shop.started(bundle(7))
    shop.file.unlink()
    kept = shop.folder / "last-good.bundle"
    kept.write_bytes(spoiled(kept.read_bytes()))

    with pytest.raises(SourceError) as caught:
        shop.bundles().start()
    assert isinstance(caught.value.__cause__, BadSignature)


def test_a_last_good_bundle_whose_key_is_no_longer_trusted_does_not_serve(shop: Shop) -> None:
    shop.started(bundle(7))
    shop.file.unlink()
    shop.ring = Keyring([Key(TEST_KEY.public.public, not_after_s=NOW_S + DAY_S)])
    assert shop.bundles().start().is_fallback
    shop.now_s += DAY_S

    with pytest.raises(SourceError):
        shop.bundles().start()


def test_an_older_bundle_slipped_into_the_store_does_not_serve_below_the_floor(shop: Shop) -> None:
    shop.started(bundle(9, floor=8))
    shop.file.unlink()
    (shop.folder / "last-good.bundle").write_bytes(bundle(7))

    with pytest.raises(SourceError) as caught:
        shop.bundles().start()
    assert isinstance(caught.value.__cause__, BundleError)


def test_an_expired_last_good_bundle_serves_fallbacks(shop: Shop) -> None:
    """Nothing at all would be worse: every placement shows its fallback, and says that the bundle has expired."""
    shop.started(bundle(7))
    shop.now_s = EXPIRES_S + 5.0
    bundles = shop.bundles()
    served = bundles.start()

    assert shown(served, shop.now_s) == ("none", "expired")
    status = bundles.status()
    assert (status.is_expired, status.from_store) == (True, True)
    assert status.refused is not None
    assert status.refused.kind == "ExpiredBundle"
    shop.put(bundle(8, "new", expires_s=EXPIRES_S + DAY_S))
    assert bundles.refresh() is Outcome.SWAPPED
    assert shown(bundles.current, shop.now_s) == ("new", "matched")


def test_an_expired_bundle_signed_with_a_key_of_later_still_serves_fallbacks(shop: Shop) -> None:
    """The key was made valid after the bundle was created, as where bundles are signed anew with a new key."""
    shop.ring = Keyring([Key(TEST_KEY.public.public, not_before_s=NOW_S - DAY_S)])
    shop.started(bundle(7))
    shop.now_s = EXPIRES_S + 5.0

    assert shop.bundles().start().is_fallback


def test_an_expired_bundle_does_not_start_where_nothing_was_served_before(shop: Shop) -> None:
    shop.put(bundle(7, expires_s=NOW_S))

    with pytest.raises(ExpiredBundle):
        shop.bundles().start()


def test_a_bundle_that_expires_in_service_stays_and_status_says_so(shop: Shop) -> None:
    bundles = shop.started(bundle(7))
    shop.now_s = float(EXPIRES_S)

    assert bundles.refresh() is Outcome.UNCHANGED
    assert bundles.status().is_expired
    assert shown(bundles.current, shop.now_s) == ("none", "expired")


def test_a_bundle_goes_stale_when_the_source_does_not_confirm_it(shop: Shop) -> None:
    bundles = shop.started(bundle(7), stale_after_s=100)
    shop.put(b"broken")
    shop.now_s += 100
    bundles.refresh()
    assert not bundles.status().is_stale
    shop.now_s += 1
    assert bundles.status().is_stale
    shop.put(bundle(7))
    bundles.refresh()

    assert not bundles.status().is_stale


def test_a_last_good_bundle_is_stale_until_the_source_confirms_it(shop: Shop) -> None:
    shop.started(bundle(7))
    shop.file.unlink()
    bundles = shop.bundles(stale_after_s=100)
    bundles.start()
    assert bundles.status().is_stale
    shop.put(bundle(7))
    bundles.refresh()

    assert not bundles.status().is_stale


def test_who_listens_hears_of_each_swap_and_cannot_break_it(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[int] = []

    def breaks(_: Served) -> None:
        raise RuntimeError("a secret of theirs")

    bundles = shop.started(bundle(7))
    bundles.on_swap += [breaks, lambda served: heard.append(served.evaluator.bundle.version)]
    shop.offer(bundles, [bundle(8), bundle(8), spoiled(bundle(9)), bundle(9)])

    assert heard == [8, 9]
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text


def test_who_listens_may_look_itself(shop: Shop) -> None:
    bundles = shop.started(bundle(7))
    found: list[Outcome] = []
    bundles.on_swap.append(lambda _: found.append(bundles.refresh()))
    shop.offer(bundles, [bundle(8)])

    assert found == [Outcome.UNCHANGED]


class Strange:
    """A source of somebody else's that raises what no source may."""

    name = "strange"

    def __init__(self) -> None:
        self.answers: list[bytes | Exception | None] = [bundle(7)]

    def fetch(self) -> bytes | None:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_a_source_that_raises_anything_is_unreachable(shop: Shop) -> None:
    source = Strange()
    bundles = shop.bundles(source=source)
    bundles.start()
    source.answers = [ZeroDivisionError("a secret of theirs"), None, bundle(8)]

    assert bundles.refresh() is Outcome.UNREACHABLE
    assert bundles.status().unreachable == Trouble("SourceError", "strange: ZeroDivisionError", None, NOW_S)
    assert [bundles.refresh(), bundles.refresh()] == [Outcome.UNCHANGED, Outcome.SWAPPED]


@pytest.mark.parametrize("given", ["text", bytearray(b"mutable"), 7, [b"bytes"]])
def test_a_source_that_gives_no_bytes_is_unreachable(shop: Shop, given: Any) -> None:
    source = Strange()
    bundles = shop.bundles(source=source)
    bundles.start()
    source.answers = [given, None]

    assert bundles.refresh() is Outcome.UNREACHABLE
    text = "strange gave something that is not bytes"
    assert bundles.status().unreachable == Trouble("SourceError", text, None, NOW_S)
    assert bundles.refresh() is Outcome.UNCHANGED


def test_a_source_that_has_nothing_starts_nothing(shop: Shop) -> None:
    source = Strange()
    source.answers = [None]

    with pytest.raises(SourceError, match="strange has no bundle"):
        shop.bundles(source=source).start()


def test_a_fixed_bundle_never_changes() -> None:
    fixed = evaluator(offer())
    bundles = Bundles.of(fixed, clock_s=lambda: NOW_S)

    assert bundles.start() is bundles.current
    assert (bundles.current.evaluator, bundles.refresh()) == (fixed, Outcome.UNCHANGED)
    status = bundles.status()
    assert (status.version, status.is_stale, status.is_expired, status.refused) == (7, False, False, None)


def test_what_is_shown_of_it_names_it_and_shows_no_bytes(shop: Shop) -> None:
    bundles = shop.started(bundle(7))

    assert "data=" not in repr(bundles.current)
    assert repr(bundles.current.evaluator) in repr(bundles.current)
