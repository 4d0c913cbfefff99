"""`discreet keys secret`: a secret for sealing, which only its owner may read."""

from __future__ import annotations

import stat
from pathlib import Path

from discreet.visitors import Sealer, read_secrets
from support.command_line import document, invoke


def test_it_makes_a_secret_that_seals_and_that_its_owner_only_may_read(tmp_path: Path) -> None:
    path = tmp_path / "secrets.txt"

    assert invoke("keys", "secret", "-o", path).exit_code == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (
        Sealer(read_secrets(path), use="test").open(Sealer(read_secrets(path), use="test").seal(b"it"))
        == b"it"
    )


def test_no_two_are_alike_and_none_is_printed(tmp_path: Path) -> None:
    results = [invoke("keys", "secret", "-o", tmp_path / name) for name in ("one", "other")]
    texts = [(tmp_path / name).read_text().strip() for name in ("one", "other")]

    assert texts[0] != texts[1]
    assert not any(text in result.output for text in texts for result in results)


def test_a_secret_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "secrets.txt"
    invoke("keys", "secret", "-o", path)
    before = path.read_bytes()
    result = invoke("keys", "secret", "-o", path)

    assert result.exit_code == 2
    assert "never overwritten" in result.stderr
    assert path.read_bytes() == before


def test_its_new_line_in_front_of_the_old_ones_rotates_them(tmp_path: Path) -> None:
    for name in ("old", "new"):
        invoke("keys", "secret", "-o", tmp_path / name)
    both = tmp_path / "new"
    sealed = Sealer(read_secrets(tmp_path / "old"), use="test").seal(b"it")
    with both.open("ab") as file:
        file.write((tmp_path / "old").read_bytes())

    assert Sealer(read_secrets(both), use="test").open(sealed) == b"it"
    assert len(read_secrets(both)) == 2


def test_it_says_where_for_machines(tmp_path: Path) -> None:
    path = tmp_path / "secrets.txt"

    assert document(invoke("keys", "secret", "-o", path, "--json")) == {"secret": str(path)}
