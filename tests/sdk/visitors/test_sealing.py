"""Seals: made and opened by the holders of a secret only, each for its use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet.visitors import Sealer, SettingsError, read_secrets
from discreet.visitors.sealing import sealed_length, write_secret
from support.tc_strings import NOW_S

ONE, OTHER = bytes(32), bytes([7]) * 32
SEALER = Sealer([ONE], use="profile-cookie")


@given(data=st.binary(max_size=200))
def test_what_was_sealed_opens_and_is_as_long_as_foretold(data: bytes) -> None:
    sealed = SEALER.seal(data, now_s=NOW_S)

    assert SEALER.open(sealed) == data
    assert SEALER.open(sealed.encode(), max_age_s=10, now_s=NOW_S + 10) == data
    assert len(sealed) == sealed_length(len(data))


@given(text=st.binary(max_size=120) | st.text(max_size=120))
def test_what_was_not_sealed_is_nothing_and_never_raises(text: bytes | str) -> None:
    assert SEALER.open(text, now_s=NOW_S) is None
    assert SEALER.open(text, max_age_s=100, now_s=NOW_S) is None


@given(at=st.integers(0, 90), bit=st.integers(0, 5))
def test_a_changed_seal_does_not_open(at: int, bit: int) -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    sealed = SEALER.seal(b"0123456789", now_s=NOW_S)
    at %= len(sealed.rstrip("=")) - 1  # the last letter has bits that no octet has
    letter = alphabet[alphabet.index(sealed[at]) ^ (1 << bit)]

    assert SEALER.open(sealed[:at] + letter + sealed[at + 1 :]) is None


def test_an_old_seal_does_not_open() -> None:
    sealed = SEALER.seal(b"it", now_s=NOW_S)

    assert SEALER.open(sealed, max_age_s=10, now_s=NOW_S + 11) is None
    assert SEALER.open(sealed, max_age_s=10, now_s=NOW_S - 3_600) is None  # from a time to come
    assert SEALER.open(sealed, max_age_s=10) is None  # without a clock, none is young
    assert SEALER.open(sealed, max_age_s=10, now_s=float("nan")) is None


def test_one_use_cannot_open_what_another_sealed() -> None:
    assert Sealer([ONE], use="decision-log").open(SEALER.seal(b"it")) is None


def test_the_first_secret_seals_and_all_open() -> None:
    old, new = Sealer([ONE], use="x"), Sealer([OTHER, ONE], use="x")

    assert new.open(old.seal(b"it")) == b"it"
    assert old.open(new.seal(b"it")) is None


@pytest.mark.parametrize("secrets", [[], [b"short"], [ONE, b"x" * 15]])
def test_a_secret_that_is_none_is_refused(secrets: list[bytes]) -> None:
    with pytest.raises(SettingsError):
        Sealer(secrets, use="x")


def test_nothing_shows_a_secret() -> None:
    assert repr(Sealer([b"canary-canary-canary"], use="x")) == "Sealer(use='x')"


class TestFiles:
    def test_a_written_secret_is_read_again(self, tmp_path: Path) -> None:
        write_secret(tmp_path / "it", ONE)

        assert read_secrets(tmp_path / "it") == [ONE]

    def test_lines_are_read_in_order_and_remarks_skipped(self, tmp_path: Path) -> None:
        write_secret(tmp_path / "it", ONE)
        with (tmp_path / "it").open("ab") as file:
            file.write(b"\n  # the one before\n" + b"Bw" * 20 + b"Bw==\n")

        assert read_secrets(tmp_path / "it")[0] == ONE
        assert len(read_secrets(tmp_path / "it")) == 2

    @pytest.mark.skipif(os.name != "posix", reason="files have no such mode")
    def test_a_file_that_everybody_may_read_is_refused(self, tmp_path: Path) -> None:
        write_secret(tmp_path / "it", ONE)
        (tmp_path / "it").chmod(0o644)

        with pytest.raises(SettingsError, match="chmod 600"):
            read_secrets(tmp_path / "it")

    @pytest.mark.parametrize("text", ["", "# none\n", "c2hvcnQ=\n", "canary canary canary!\n", "\xff\n"])
    def test_a_file_without_secrets_is_refused_and_not_quoted(self, text: str, tmp_path: Path) -> None:
        (tmp_path / "it").write_text(text, encoding="latin-1")
        (tmp_path / "it").chmod(0o600)

        with pytest.raises(SettingsError) as caught:
            read_secrets(tmp_path / "it")
        assert "canary" not in str(caught.value)
        assert caught.value.__context__ is None or "canary" not in str(caught.value.__context__)
