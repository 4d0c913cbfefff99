"""`discreet build`: a bundle appears whole and reproducibly, or not at all."""

from __future__ import annotations

import stat
import time
from pathlib import Path

import pytest

import discreet
from discreet.cli.files import write_atomically
from support.command_line import BUILT, Shop, document, invoke


def build(shop: Shop, output: Path, *more: str | Path) -> tuple[str | Path, ...]:
    return ("build", shop.model, "--key", shop.secret, "-o", output, *more)


def test_says_what_it_made(shop: Shop, tmp_path: Path) -> None:
    output = tmp_path / "shop.bundle"
    made = document(
        invoke(*build(shop, output, "--created", BUILT, "--version", "9", "--floor", "8", "--json"))
    )
    loaded = discreet.load(output, discreet.Keyring.read(shop.ring), now_s=1_775_001_600).bundle

    assert made == {
        "bundle": str(output),
        "size_bytes": output.stat().st_size,
        "name": "shop",
        "version": 9,
        "floor": 8,
        "created": "2026-04-01T00:00:00Z",
        "expires": "2026-05-01T00:00:00Z",
        "digest": loaded.digest,
        "keys": list(loaded.key_ids),
    }


def test_the_same_models_keys_and_instant_make_the_same_bytes(shop: Shop, tmp_path: Path) -> None:
    first, second = tmp_path / "first.bundle", tmp_path / "second.bundle"
    invoke(*build(shop, first, "--created", BUILT, "--lifetime", "7d"))
    invoke(*build(shop, second, "--now", "2026-04-01T02:00:00+02:00", "--expires", "2026-04-08"))

    assert first.read_bytes() == second.read_bytes()


def test_without_a_stated_instant_the_clock_counts(shop: Shop, tmp_path: Path) -> None:
    before = int(time.time())
    made = document(invoke(*build(shop, tmp_path / "now.bundle", "--json"), env={"SOURCE_DATE_EPOCH": ""}))

    assert before <= made["version"] <= time.time()


def test_a_stated_instant_wins_over_source_date_epoch(shop: Shop, tmp_path: Path) -> None:
    arguments = build(shop, tmp_path / "stated.bundle", "--created", BUILT, "--json")

    assert document(invoke(*arguments, env={"SOURCE_DATE_EPOCH": "1"}))["created"] == BUILT


def test_a_refused_model_writes_nothing_and_keeps_the_last_bundle(
    shop: Shop, broken_model: Path, tmp_path: Path
) -> None:
    output = tmp_path / "shop.bundle"
    output.write_bytes(b"the last good one")
    result = invoke("build", broken_model, "--key", shop.secret, "-o", output, "--json")

    assert result.exit_code == 1
    assert document(result)["error"]["code"] == "model-error"
    assert len(document(result)["error"]["problems"]) == 3
    assert output.read_bytes() == b"the last good one"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--version", "3", "--floor", "4"], "the floor 4 is above the version 3"),
        (["--expires", "2026-05-01", "--lifetime", "1d"], "state --expires or --lifetime, not both"),
        (["--expires", "2026-03-31"], "the bundle would expire before it is made"),
        (["--expires", "2026-04-01"], "the bundle would expire before it is made"),
        (["--lifetime", "999999999d"], "a bundle lives between the years 1970 and 9999"),
        (["--lifetime", "soon"], "`soon` is not a length of time"),
        (["--created", "2026-04-01T12:00"], "`2026-04-01T12:00` is not an instant"),
        (["--created", "1969-12-31", "--version", "1"], "a bundle lives between the years 1970 and 9999"),
        (["--name", ""], "a bundle's name has 1 to 256 characters"),
        (["--version", str(2**53)], "is not in the range"),
    ],
    ids=lambda given: " ".join(given)[:40] if isinstance(given, list) else "",
)
def test_numbers_that_contradict_each_other_are_wrong_usage(
    more: list[str], says: str, shop: Shop, tmp_path: Path
) -> None:
    result = invoke(*build(shop, tmp_path / "x.bundle", "--created", BUILT, *more))

    assert result.exit_code == 2
    assert says in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("public", "{folder}/shop.pub.json`: that is the public half; name `{folder}/shop.key`"),
        ("ring", "{folder}/trusted-keys.json`: that is a keyring; name a secret key, a `.key` file"),
        ("model", "{folder}/shop.yaml` is not an unencrypted PEM private key"),
    ],
)
def test_what_is_no_signing_key_signs_nothing(key: str, says: str, shop: Shop, tmp_path: Path) -> None:
    result = invoke("build", shop.model, "--key", getattr(shop, key), "-o", tmp_path / "x.bundle")

    assert result.exit_code == 2
    assert result.stderr == f"discreet: `{says.format(folder=shop.folder)}\n"
    assert list(tmp_path.iterdir()) == []


def test_one_key_signs_once(shop: Shop, tmp_path: Path) -> None:
    result = invoke(*build(shop, tmp_path / "x.bundle", "--key", shop.secret))

    assert result.exit_code == 2
    assert result.stderr == f"discreet: `{shop.secret}` is named twice\n"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(shop: Shop, tmp_path: Path) -> None:
    output = tmp_path / "nowhere" / "shop.bundle"
    result = invoke(*build(shop, output))

    assert result.exit_code == 2
    assert result.stderr == f"discreet: `{output}`: no such file or directory\n"


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "shop.bundle"
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, b"new")

    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"old"]


def test_a_bundle_may_be_read_by_the_server(shop: Shop) -> None:
    assert stat.S_IMODE(shop.bundle.stat().st_mode) & 0o044 == 0o044
