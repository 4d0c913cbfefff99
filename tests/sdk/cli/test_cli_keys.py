"""`discreet keys`: secrets stay secret, and trust is what the keyring says."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

import discreet
from discreet.compiler import SigningKey
from support.command_line import document, invoke


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A folder with the keys `alice` and `bob`."""
    for name in ("alice", "bob"):
        assert invoke("keys", "new", name, "--out", tmp_path).exit_code == 0
    return tmp_path


class TestNew:
    def test_the_secret_may_be_read_by_its_owner_only(self, keys: Path) -> None:
        assert stat.S_IMODE((keys / "alice.key").stat().st_mode) == 0o600

    def test_the_public_file_is_the_keyring_of_that_key(self, keys: Path) -> None:
        secret = SigningKey.read(keys / "alice.key")

        assert list(discreet.Keyring.read(keys / "alice.pub.json").keys) == [secret.id]

    @pytest.mark.parametrize("gone", ["alice.pub.json", "alice.key"])
    def test_never_overwrites_either_file(self, keys: Path, gone: str) -> None:
        (keys / gone).unlink()
        before = {path: path.read_bytes() for path in keys.iterdir()}
        result = invoke("keys", "new", "alice", "--out", keys)

        assert result.exit_code == 2
        assert "never overwritten" in result.stderr
        assert {path: path.read_bytes() for path in keys.iterdir()} == before

    def test_prints_nothing_secret(self, tmp_path: Path) -> None:
        result = invoke("keys", "new", "carol", "--out", tmp_path)
        secret = (tmp_path / "carol.key").read_text().splitlines()[1]

        assert secret not in result.output
        assert "carol.key  (secret" in result.stdout

    def test_the_next_command_can_be_pasted_into_a_shell(self, tmp_path: Path) -> None:
        result = invoke("keys", "new", "carol", "--out", tmp_path / "my keys")

        assert f"`discreet keys trust '{tmp_path / 'my keys' / 'carol.pub.json'}' -o " in result.stdout

    @pytest.mark.parametrize("name", ["../alice", "a/b", "", ".hidden", "a b"])
    def test_a_name_is_no_path(self, name: str, tmp_path: Path) -> None:
        assert invoke("keys", "new", name, "--out", tmp_path).exit_code == 2
        assert list(tmp_path.iterdir()) == []


class TestTrust:
    def test_makes_the_keyring_of_all_named_keys(self, keys: Path) -> None:
        ring = keys / "ring.json"
        result = invoke(
            "keys",
            "trust",
            keys / "alice.pub.json",
            keys / "bob.pub.json",
            "--threshold",
            "2",
            "-o",
            ring,
            "--json",
        )
        made = discreet.Keyring.read(ring)

        assert document(result)["threshold"] == made.threshold == 2
        assert {key["id"] for key in document(result)["keys"]} == set(made.keys)

    def test_states_from_when_and_until_when_they_are_trusted(self, keys: Path) -> None:
        ring = keys / "ring.json"
        validity = ("--not-before", "2026-01-01", "--not-after", "2026-07-01T00:00:00+02:00")
        result = invoke("keys", "trust", keys / "bob.pub.json", *validity, "-o", ring)
        (key,) = discreet.Keyring.read(ring).keys.values()

        assert (key.not_before_s, key.not_after_s) == (1_767_225_600, 1_782_856_800)
        assert "from 2026-01-01T00:00:00Z until 2026-06-30T22:00:00Z" in result.stdout

    def test_a_key_keeps_the_validity_it_came_with(self, keys: Path) -> None:
        ring, again = keys / "ring.json", keys / "again.json"
        invoke("keys", "trust", keys / "bob.pub.json", "--not-after", "2026-07-01", "-o", ring)
        invoke("keys", "trust", ring, "-o", again)

        assert again.read_bytes() == ring.read_bytes()

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["alice.pub.json", "alice.pub.json"], "`alice.pub.json` is named twice"),
            (["alice.pub.json", "--threshold", "2"], "a threshold of 2 cannot be met by 1 key\n"),
            (["alice.key"], "`alice.key`: that is the secret key; name `alice.pub.json`"),
            (["copy.pub.json", "alice.pub.json"], "`alice.pub.json` and `copy.pub.json` hold the same key"),
            (["alice.pub.json", "--not-after", "tomorrow"], "`tomorrow` is not an instant"),
            (
                ["alice.pub.json", "--not-before", "2027-01-01", "--not-after", "2026-01-01"],
                "ends before it begins",
            ),
        ],
        ids=["twice", "threshold", "secret", "copy", "instant", "empty"],
    )
    def test_refuses_what_no_loader_could_use(
        self, arguments: list[str], says: str, keys: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(keys)
        Path("copy.pub.json").write_bytes(Path("alice.pub.json").read_bytes())
        result = invoke("keys", "trust", *arguments, "-o", "ring.json")

        assert result.exit_code == 2
        assert says in result.stderr
        assert not Path("ring.json").exists()

    def test_a_threshold_survives_adding_a_key(self, keys: Path) -> None:
        ring, pair = keys / "ring.json", (keys / "alice.pub.json", keys / "bob.pub.json")
        invoke("keys", "new", "carol", "--out", keys)
        invoke("keys", "trust", *pair, "--threshold", "2", "-o", ring)
        result = invoke("keys", "trust", ring, keys / "carol.pub.json", "-o", ring)

        assert result.stdout.startswith(f"made {ring}: 2 signatures of 3 keys required\n")
        assert discreet.Keyring.read(ring).threshold == 2

    def test_a_threshold_is_lowered_only_when_told_and_says_so(self, keys: Path) -> None:
        ring, pair = keys / "ring.json", (keys / "alice.pub.json", keys / "bob.pub.json")
        invoke("keys", "trust", *pair, "--threshold", "2", "-o", ring)
        lower = ("keys", "trust", ring, "--threshold", "1", "-o", keys / "low.json")

        assert ": 1 signature (was 2) of 2 keys required\n" in invoke(*lower).stdout
        assert document(invoke(*lower, "--json"))["was"] == 2

    def test_a_public_key_that_is_read_is_not_replaced_by_the_keyring(self, keys: Path) -> None:
        before = (keys / "alice.pub.json").read_bytes()
        result = invoke("keys", "trust", *keys.glob("*.pub.json"), "-o", keys / "alice.pub.json")

        assert result.exit_code == 2
        assert result.stderr == (
            f"discreet: `{keys / 'alice.pub.json'}` is also read by this command; name another output\n"
        )
        assert (keys / "alice.pub.json").read_bytes() == before
