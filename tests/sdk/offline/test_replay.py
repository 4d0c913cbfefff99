"""Replaying what a journal wrote: every decision comes out the same, and every change to the log is named."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discreet import BadSignature, Key, Keyring, MalformedBundle
from discreet.compiler import SigningKey
from discreet.events import Event, Exposed, Journal, JsonLinesSink
from discreet.offline import Difference, Missing, Replayed, replay
from discreet.visitors import Sealer
from discreet_consent import Consent
from support.compiled import NOW_S
from support.journals import (
    AGREED,
    ANALYTICS,
    PERSONAL_ONLY,
    SHOP,
    Serving,
    decided,
    lines,
    recorded,
    sealer,
    shop,
    visit_to,
)
from support.products import TEST_KEY, TEST_RING, bundle_bytes, evaluator_of
from support.strategies import WILD_CLOCKS, attributes_of, bundles, consents, visitors
from support.vectors.cases import BUNDLE

CANARY = "canary-63e0"
YEAR_S = 365 * 86_400


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    path = tmp_path / "shop.bundle"
    path.write_bytes(bundle_bytes(SHOP))
    return path


def write(
    path: Path, *visits: tuple[Mapping[str, object], Consent], sealed: bool = True
) -> list[dict[str, Any]]:
    """A log of the decisions for these visitors, as it was written."""
    serving = shop()
    journal = Journal([JsonLinesSink(path)], sealer=sealer() if sealed else None)
    for number, (known, consent) in enumerate(visits):
        visit = visit_to(serving, known, consent, NOW_S + number)
        journal.decided(serving, decided(serving, visit), visit, surface="test")
    assert journal.close()
    return lines(path)


def put(path: Path, records: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(each) + "\n" for each in records))


def again(bundle: Path, log: Path, **other: Any) -> Replayed:
    given: dict[str, Any] = {"sealer": sealer(), "now_s": NOW_S, **other}
    return replay([bundle], TEST_RING, [log], **given)


KNOWN: dict[str, object] = {"n": 5, "s": CANARY, "t": ["y"], "hour": 3, "aside": CANARY}


def test_what_was_recorded_comes_out_the_same(bundle: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    write(log, (KNOWN, AGREED), ({}, AGREED), ({"hour": "x", "n": 2}, AGREED), (KNOWN, PERSONAL_ONLY))

    replayed = again(bundle, log)

    assert (replayed.same, replayed.different, replayed.records) == (6, 0, 8)
    assert replayed.missing == {Missing.NO_GRANT: 2}
    assert replayed.is_sound


@settings(max_examples=30)
@given(data=st.data(), documents=bundles(waivers=True))
def test_every_decision_of_every_model_comes_out_the_same(
    data: st.DataObject, documents: list[Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("replay")
    (folder / "it.bundle").write_bytes(bundle_bytes(documents))
    serving = Serving(evaluator_of(documents))
    records: list[dict[str, Any]] = []
    for _ in range(3):
        consent, now_s = data.draw(consents()), data.draw(WILD_CLOCKS)
        consent = Consent([*consent.purposes, ANALYTICS], sensitive=consent.sensitive)
        visit = visit_to(serving, data.draw(visitors(attributes_of(documents))), consent, now_s)
        placement = data.draw(st.sampled_from(serving.evaluator.placements))
        best = serving.evaluator.decide_top(placement, visit.permitted, 3, now_s=now_s)
        records += recorded(serving, visit, sealed=True) + recorded(serving, visit, best, sealed=True)
    JsonLinesSink(folder / "log").write([Event("", each) for each in records])

    replayed = again(folder / "it.bundle", folder / "log")

    shutil.rmtree(folder)
    assert (replayed.same, replayed.differences) == (len(records), [])


OTHERS: dict[str, Any] = {
    "bundle": "0" * 64, "version": 8, "placement": "q", "offer": "early", "reason": "fallback", "rank": 2,
    "hour": "2026-03-01T01:00:00Z", "now_s": NOW_S + 1.5, "stage": "first", "known": ["n"], "withheld": [],
    "malformed": ["n"], "stale": ["s"], "surface": "elsewhere",
    "grants": {"purposes": [], "sensitive": [], "contextual_only": False},
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_a_line_that_was_altered_is_named_with_its_field(bundle: Path, tmp_path: Path, name: str) -> None:
    log = tmp_path / "log"
    records = write(log, (KNOWN, AGREED), (KNOWN, AGREED), (KNOWN, AGREED))
    at = next(number for number, each in enumerate(records) if number > 1 and each["placement"] == "p")
    assert records[at][name] != OTHERS[name]
    records[at][name] = OTHERS[name]
    put(log, records)

    replayed = again(bundle, log)

    assert replayed.differences == [Difference(str(log), at + 1, (name,))]
    assert (replayed.same, replayed.different) == (5, 1)


def test_a_field_too_many_or_too_few_is_a_difference(bundle: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    records = write(log, (KNOWN, AGREED))
    records[0][CANARY] = 1
    del records[1]["stage"]
    put(log, records)

    fields = [each.fields for each in again(bundle, log).differences]

    assert fields == [("fields that no record has",), ("stage",)]


def test_a_number_of_another_type_is_a_difference(bundle: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    records = write(log, (KNOWN, AGREED))
    records[0]["rank"], records[1]["now_s"] = True, float(records[1]["now_s"])
    put(log, records)

    assert [each.fields for each in again(bundle, log).differences] == [("rank",), ("now_s",)]


def test_inputs_of_another_line_do_not_fit(bundle: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    first, second, *rest = write(log, (KNOWN, AGREED), (KNOWN, AGREED))
    first["inputs"], second["inputs"] = second["inputs"], first["inputs"]
    put(log, [first, second, *rest])

    replayed = again(bundle, log)

    assert [each.line for each in replayed.differences] == [1, 2]


def test_inputs_that_cannot_be_opened_are_named(bundle: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    records = write(log, (KNOWN, AGREED), (KNOWN, AGREED))
    records[1]["inputs"] = records[1]["inputs"][:-8] + "AAAAAAA="
    records[2]["inputs"] = 7
    put(log, records)

    replayed = again(bundle, log)
    stranger = again(bundle, log, sealer=Sealer([b"another secret, as long as that"], use="decision-log"))
    cookies = again(bundle, log, sealer=Sealer([bytes(range(32))], use="profile-cookie"))

    assert (replayed.same, replayed.unopened, replayed.broken) == (2, 2, [(str(log), 2), (str(log), 3)])
    assert not replayed.is_sound
    assert (stranger.unopened, cookies.unopened) == (4, 4)


def test_sealed_inputs_that_no_visitor_can_have_had_are_a_difference(bundle: Path, tmp_path: Path) -> None:
    from discreet.events.inputs import pack_inputs, unpack_inputs

    log, box = tmp_path / "log", sealer()
    records = write(log, (KNOWN, AGREED))
    opened = unpack_inputs(box.open(records[0]["inputs"]) or b"")
    assert opened is not None
    forged = type(opened)(
        opened.bundle, opened.placement, opened.rank, opened.now_s, opened.surface, opened.grants, {"ill": True}, (), ()
    )  # fmt: skip
    records[0]["inputs"] = box.seal(pack_inputs(forged) or b"")
    put(log, records)

    assert again(bundle, log).differences == [Difference(str(log), 1, ("inputs",))]


def test_lines_that_are_no_record_are_counted_and_named(bundle: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    records = write(log, (KNOWN, AGREED))
    whole = json.dumps(records[0])
    torn = [
        whole[:70],
        "[]",
        '{"format":2,"kind":"decision"}',
        '{"format":1,"kind":["decision"]}',
        "[" * 100_000,
        "\ud800",
    ]
    text = "\n".join([*torn, "", whole, "x" * (5 * 1024 * 1024), whole]) + "\n"
    log.write_bytes(text.encode(errors="surrogatepass"))

    replayed = again(bundle, log)

    assert (replayed.unreadable, replayed.same, replayed.records) == (7, 2, 9)
    assert [number for _, number in replayed.broken] == [1, 2, 3, 4, 5, 6, 9]


def test_a_line_that_says_something_twice_is_no_record(bundle: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    (record, *_) = write(log, (KNOWN, AGREED))
    log.write_text('{"offer":"none",' + json.dumps(record)[1:] + "\n")

    replayed = again(bundle, log)

    assert (replayed.unreadable, replayed.same, replayed.is_sound) == (1, 0, False)


def test_a_format_that_is_no_number_is_none(bundle: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    put(log, [{**record, "format": form} for record in write(log, (KNOWN, AGREED)) for form in (True, 1.0)])

    assert again(bundle, log).unreadable == 4


def unsealed(path: Path) -> list[dict[str, Any]]:
    """A tally, a record with detail and no inputs, and an exposure of each kind."""
    serving, journal = shop(), Journal([JsonLinesSink(path)])
    for consent in (PERSONAL_ONLY, AGREED):
        visit = visit_to(serving, KNOWN, consent)
        made = [each for each in decided(serving, visit) if each.placement == "p"]
        journal.decided(serving, made, visit, surface="test")
        journal.exposed(serving, [Exposed("p", "many")], visit, surface="test")
    assert journal.close()
    return lines(path)


FORGED: dict[str, Any] = {
    "bundle": 7, "version": 8, "placement": "elsewhere", "offer": "greeting", "reason": "nonsense",
    "rank": 0, "hour": "2026-03-01", "canary": 1,
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_what_cannot_be_replayed_must_be_of_its_bundle(bundle: Path, tmp_path: Path, name: str) -> None:
    log = tmp_path / "log"
    records = unsealed(log)
    assert again(bundle, log).is_sound
    put(log, [{**record, name: FORGED[name]} for record in records])

    for replayed in (again(bundle, log), again(bundle, log, sealer=None)):
        wrong = "fields that no record has" if name in ("canary",) else name
        assert all(wrong in each.fields or "rank" in name for each in replayed.differences)
        assert replayed.different == 4
        assert not replayed.is_sound


@pytest.mark.parametrize("now_s", [NOW_S, NOW_S + 2 * YEAR_S], ids=["in force", "expired"])
def test_a_tally_whose_offer_its_bundle_cannot_show_there_is_named(
    bundle: Path, tmp_path: Path, now_s: float
) -> None:
    log = tmp_path / "log"
    records = unsealed(log)
    put(log, [{**record, "offer": "greeting"} for record in records])

    differences = again(bundle, log, now_s=now_s).differences

    assert differences == [Difference(str(log), number, ("offer",)) for number in range(1, 5)]


def test_fields_that_are_gone_are_named(bundle: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    records = unsealed(log)
    put(log, [{key: record[key] for key in record if key != "hour"} for record in records])

    assert {each.fields for each in again(bundle, log).differences} == {("hour",)}


def test_detail_without_inputs_is_named_where_there_is_a_secret(bundle: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    records = write(log, (KNOWN, AGREED), (KNOWN, PERSONAL_ONLY))
    del records[1]["inputs"]
    put(log, records)

    assert again(bundle, log).unsealed == [(str(log), 2)]
    assert again(bundle, log, sealer=None).unsealed == []


def test_what_cannot_be_replayed_is_counted_by_reason(bundle: Path, tmp_path: Path) -> None:
    log, serving = tmp_path / "log", shop()
    write(log, (KNOWN, AGREED), (KNOWN, PERSONAL_ONLY), sealed=False)
    journal = Journal([JsonLinesSink(log)])
    journal.exposed(serving, [Exposed("p", "many")], visit_to(serving, {}), surface="test")
    journal.close()
    sealed = tmp_path / "sealed"
    write(sealed, (KNOWN, AGREED))

    assert again(bundle, log).missing == {Missing.NO_INPUTS: 2, Missing.NO_GRANT: 2, Missing.EXPOSURE: 1}
    assert again(bundle, sealed, sealer=None).missing == {Missing.SEALED: 2}
    other = tmp_path / "other.bundle"
    other.write_bytes(bundle_bytes(SHOP, {**BUNDLE, "version": 8}))
    assert again(other, sealed).missing == {Missing.NO_BUNDLE: 2}


@pytest.mark.parametrize("now_s", [NOW_S + 2 * YEAR_S, NOW_S - 2 * YEAR_S], ids=["expired", "not yet"])
def test_a_bundle_out_of_time_is_judged_by_the_records_clock(
    bundle: Path, tmp_path: Path, now_s: float
) -> None:
    log = tmp_path / "log"
    write(log, (KNOWN, AGREED))

    replayed = again(bundle, log, now_s=now_s)

    assert (replayed.same, replayed.unverified) == (2, ())


def test_a_key_that_is_no_longer_trusted_is_judged_likewise(bundle: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    write(log, (KNOWN, AGREED))
    ring = Keyring([Key(TEST_KEY.public.public, not_after_s=NOW_S + 60)])

    replayed = replay([bundle], ring, [log], sealer=sealer(), now_s=NOW_S + 3_600)

    assert replayed.same == 2


def test_a_bundle_that_no_clock_lets_load_is_said(bundle: Path, tmp_path: Path) -> None:
    log, later = tmp_path / "log", tmp_path / "later.bundle"
    write(log, (KNOWN, AGREED))
    later.write_bytes(
        bundle_bytes(SHOP, {**BUNDLE, "created_s": NOW_S + YEAR_S, "expires_s": NOW_S + 2 * YEAR_S})
    )

    replayed = again(later, log)

    assert (replayed.missing, replayed.unverified) == ({Missing.NO_BUNDLE: 2}, (str(later),))


def test_a_bundle_that_is_not_trusted_is_refused(bundle: Path, tmp_path: Path) -> None:
    log, broken = tmp_path / "log", tmp_path / "broken.bundle"
    write(log, (KNOWN, AGREED))
    with pytest.raises(BadSignature, match=r"shop.bundle"):
        replay([bundle], Keyring([SigningKey.generate().public]), [log])
    broken.write_bytes(b"nonsense")
    with pytest.raises(MalformedBundle, match=r"broken.bundle"):
        replay([broken], TEST_RING, [log])


def test_every_record_finds_its_own_bundle(bundle: Path, tmp_path: Path) -> None:
    log, newer = tmp_path / "log", tmp_path / "newer.bundle"
    other = {**BUNDLE, "version": 8}
    newer.write_bytes(bundle_bytes(SHOP[1:], other))
    write(log, (KNOWN, AGREED))
    serving = Serving(evaluator_of(SHOP[1:], other))
    visit = visit_to(serving, KNOWN)
    records = lines(log) + recorded(serving, visit, sealed=True)
    put(log, records)

    replayed = replay([newer, bundle], TEST_RING, [log], sealer=sealer(), now_s=NOW_S)

    assert {each["version"] for each in records} == {7, 8}
    assert (replayed.same, replayed.different) == (3, 0)


def test_rotated_and_compressed_files_are_read_the_oldest_first(bundle: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    records = write(log, *[({"n": number}, AGREED) for number in range(6)])
    records[2]["offer"] = records[6]["offer"] = "early"
    parts = [records[start : start + 4] for start in range(0, 12, 4)]
    put(tmp_path / "oldest", parts[0])
    (tmp_path / "log.10.gz").write_bytes(gzip.compress((tmp_path / "oldest").read_bytes()))
    put(tmp_path / "log.2", parts[1])
    put(log, parts[2])
    (tmp_path / "log.old").write_text("not one of its files\n")
    heard: list[tuple[int, int]] = []

    replayed = again(bundle, log, advance=lambda done, total: heard.append((done, total)))

    assert (replayed.same, replayed.different, replayed.unreadable) == (10, 2, 0)
    assert [(Path(each.file).name, each.line) for each in replayed.differences] == [
        ("log.10.gz", 3),
        ("log.2", 3),
    ]
    assert (
        heard[-1][0]
        == heard[-1][1]
        == sum((tmp_path / name).stat().st_size for name in ("log", "log.2", "log.10.gz"))
    )


def test_a_log_that_is_named_twice_is_read_once(bundle: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    write(log, (KNOWN, AGREED))
    log.rename(tmp_path / "log.1")

    replayed = replay([bundle], TEST_RING, [log, tmp_path / "log.1"], sealer=sealer(), now_s=NOW_S)

    assert replayed.same == 2


def test_a_compressed_file_that_breaks_off_is_read_as_far_as_it_goes(bundle: Path, tmp_path: Path) -> None:
    log = tmp_path / "log.gz"
    plain = tmp_path / "plain"
    write(plain, *[(KNOWN, AGREED)] * 40)
    whole = gzip.compress(plain.read_bytes())
    log.write_bytes(whole[: len(whole) // 2])

    replayed = again(bundle, log)

    assert replayed.unreadable == 1
    assert 0 < replayed.same < 80


def test_a_log_that_is_not_there_is_an_error(bundle: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        again(bundle, tmp_path / "nowhere")


def test_only_so_many_lines_are_kept(bundle: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    (record, *_) = write(log, (KNOWN, AGREED))
    record["offer"] = "early"
    put(log, [record] * 150)
    log.write_text(log.read_text() + "torn\n" * 150)

    replayed = again(bundle, log)

    assert (replayed.different, len(replayed.differences)) == (150, 100)
    assert (replayed.unreadable, len(replayed.broken)) == (150, 100)


def test_replaying_needs_no_arrow(bundle: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    write(log, (KNOWN, AGREED))
    TEST_RING.write(tmp_path / "ring")
    code = (
        "import sys; sys.modules['pyarrow'] = sys.modules['numpy'] = None\n"
        "from pathlib import Path\n"
        "import discreet.offline\n"
        "from discreet import Keyring, MissingExtra\n"
        "bundle, ring, log = map(Path, sys.argv[1:])\n"
        "print(discreet.offline.replay([bundle], Keyring.read(ring), [log]).records)\n"
        "try:\n    discreet.offline.decide_file\n"
        "except MissingExtra as error:\n    print(error)\n"
    )
    command = [sys.executable, "-c", code, str(bundle), str(tmp_path / "ring"), str(log)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)

    said = 'deciding for files needs the extra `offline`: pip install "discreet[offline]"'
    assert ran.stdout.splitlines() == ["2", said]
