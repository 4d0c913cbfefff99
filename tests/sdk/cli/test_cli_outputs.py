"""What a command writes never replaces what it reads, nor a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from discreet.cli.files import OutputRefused, write_atomically
from support.command_line import BUILT, Shop, invoke

MAIL = (
    "model: mail\nchannel: mail\ninclude: [shared.yaml]\nstages: [{id: discover}]\n"
    "placements: {mail.top: {fallback: hello}}\n"
)
SHARED = "include: [deeper.yaml]\n"
DEEPER = "offers: [{id: hello, content: {title: Hello}}]\n"
SCENARIOS = "[{name: hello, consent: none, now: 2026-04-10, placement: mail.top, expect: {offer: hello}}]\n"


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    """A folder with a model that includes a file that includes another, its scenarios, and two keys."""
    texts = {"mail": MAIL, "shared": SHARED, "deeper": DEEPER, "mail.scenarios": SCENARIOS}
    for name, text in texts.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    for name in ("alice", "bob"):
        assert invoke("keys", "new", name, "--out", tmp_path).exit_code == 0
    (tmp_path / "link").symlink_to(tmp_path / "mail.yaml")
    return tmp_path


def refused(folder: Path, output: str, *arguments: str | Path) -> str:
    """What is said when a command is refused; every file stays as it was."""
    before = {path: path.read_bytes() for path in folder.iterdir()}
    result = invoke(*arguments, folder / output)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    return result.stderr


@pytest.mark.parametrize("output", ["mail.yaml", "link", "shared.yaml", "deeper.yaml"])
def test_build_overwrites_nothing_that_it_reads(output: str, mail: Path) -> None:
    said = refused(mail, output, "build", mail / "mail.yaml", "--key", mail / "alice.key", "-o")

    assert said == f"discreet: `{mail / output}` is also read by this command; name another output\n"


@pytest.mark.parametrize("output", ["mail.yaml", "shared.yaml", "deeper.yaml", "mail.scenarios.yaml"])
def test_a_report_overwrites_nothing_that_was_tested(output: str, mail: Path) -> None:
    said = refused(mail, output, "test", mail / "mail.yaml", "--junit")

    assert said == f"discreet: `{mail / output}` is also read by this command; name another output\n"


@pytest.mark.parametrize("output", ["alice.key", "bob.key"])
def test_no_command_overwrites_a_secret(output: str, mail: Path) -> None:
    said = [
        refused(mail, output, "build", mail / "mail.yaml", "--key", mail / "alice.key", "-o"),
        refused(mail, output, "test", mail / "mail.yaml", "--junit"),
        refused(mail, output, "keys", "trust", mail / "alice.pub.json", "-o"),
    ]

    assert all(f"{output}` is a private key, which is never overwritten" in each for each in said)


@pytest.mark.parametrize("kind", ["PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "EC PRIVATE KEY"])
def test_a_secret_of_any_kind_is_kept(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text(f"-----BEGIN {kind}-----\nMC4=\n-----END {kind}-----\n")

    with pytest.raises(OutputRefused, match="private key"):
        write_atomically(path, b"new")
    assert path.read_text().startswith("-----BEGIN")


def test_a_device_is_not_replaced_by_a_file(mail: Path) -> None:
    result = invoke("build", mail / "mail.yaml", "--key", mail / "alice.key", "-o", "/dev/null")

    assert result.exit_code == 2
    assert "`/dev/null` is not a regular file" in result.stderr
    assert not Path("/dev/null").is_file()


def test_the_last_bundle_and_the_last_report_are_replaced(shop: Shop, mail: Path) -> None:
    build = ("build", mail / "mail.yaml", "--key", mail / "alice.key", "-o", mail / "mail.bundle")
    for created in (BUILT, "2026-04-02"):
        assert invoke(*build, "--created", created).exit_code == 0
        assert invoke("test", mail / "mail.yaml", "--junit", mail / "junit.xml").exit_code == 0


def test_a_keyring_may_grow_in_its_place(mail: Path) -> None:
    ring = mail / "ring.json"
    invoke("keys", "trust", mail / "alice.pub.json", "-o", ring)
    result = invoke("keys", "trust", ring, mail / "bob.pub.json", "-o", ring)

    assert result.exit_code == 0
    assert "1 signature of 2 keys required" in result.stdout
