"""`pip install discreet`, for real: what it brings, what it loads, what it can do, and what it says it cannot.

The wheel is built from this tree and installed with what it requires into an empty environment.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest

import discreet
from discreet.compiler import SigningKey, build
from discreet.model import ModelBuilder
from discreet_consent import Consent
from support.source import PACKAGES, REPOSITORY

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("bare install")]

OURS = frozenset(package.rpartition("/")[2] for package in PACKAGES)
REQUIRED = frozenset({"cachetools", "cryptography", "msgpack"})
BROUGHT_ALONG = frozenset({"cffi", "pycparser"})  # by cryptography
SIZE_BUDGET_BYTES = (
    2_700_000  # of our own files: the runtime and consent are a third, the demo's data a fifth
)
# What `import discreet` must not load, on top of what a bare interpreter has loaded already.
TOO_HEAVY = frozenset(
    {
        "ast", "asyncio", "concurrent", "cryptography", "dataclasses", "difflib", "email", "hashlib", "inspect",
        "json", "logging", "pathlib", "random", "re", "socket", "ssl", "subprocess", "tempfile", "threading",
        "tokenize", "typing", "urllib", "zoneinfo",
    }
)  # fmt: skip

NOW_S = 1_790_000_000
PROFILED = "personalize.content.profiled"
VISITORS: tuple[dict[str, object], ...] = ({"purchases": 3}, {"purchases": 0}, {"purchases": "many"}, {})
CONSENTS = (Consent.granting(PROFILED), Consent.refusing())
DECIDE = """
import json, sys
import discreet
from discreet_consent import Consent
bundle, ring, visitors, now_s = sys.argv[1], sys.argv[2], json.loads(sys.argv[3]), int(sys.argv[4])
evaluator = discreet.load(bundle, discreet.Keyring.read(ring), now_s=now_s)
print(json.dumps([
    evaluator.decide("home.hero", evaluator.permit(visitor, consent), now_s=now_s).as_dict()
    for visitor in visitors
    for consent in (Consent.granting(sys.argv[5]), Consent.refusing())
]))
"""


@dataclass(frozen=True, slots=True)
class BareInstall:
    """An environment with `discreet` and what it requires, and nothing else: not even pip."""

    folder: Path
    wheel: Path

    @property
    def packages(self) -> Path:
        """Its site-packages."""
        (found,) = self.folder.glob("lib/python*/site-packages")
        return found

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run its Python, closed off from the caller's environment and folder."""
        return _run([str(self.folder / "bin/python"), "-I", *arguments])

    def loaded_by(self, code: str) -> set[str]:
        """The top-level modules that are loaded after `code`."""
        ran = self.run("-c", f"{code}\nimport sys\nprint(*sys.modules)")
        assert ran.returncode == 0, ran.stderr
        return {name.partition(".")[0] for name in ran.stdout.split()}


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def _must(command: Sequence[str]) -> None:
    ran = _run(command)
    assert ran.returncode == 0, ran.stderr


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> BareInstall:
    folder = tmp_path_factory.mktemp("bare")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    # hatchling comes with the extra `test`, so building needs nothing from outside.
    _must([*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", str(folder), str(REPOSITORY)])
    (wheel,) = folder.glob("discreet-*.whl")
    venv.create(folder / "venv", symlinks=True)
    _must([*pip, "--python", str(folder / "venv/bin/python"), "install", str(wheel)])
    return BareInstall(folder / "venv", wheel)


def test_it_brings_three_libraries_and_what_they_need(bare: BareInstall) -> None:
    distributions = {
        re.split(r"-\d", path.name)[0].replace("_", "-") for path in bare.packages.glob("*.dist-info")
    }

    assert distributions <= {"discreet"} | REQUIRED | BROUGHT_ALONG
    assert distributions >= {"discreet"} | REQUIRED


def test_the_wheel_holds_our_packages_typed_and_nothing_else(bare: BareInstall) -> None:
    names = ZipFile(bare.wheel).namelist()
    tops = {name.partition("/")[0] for name in names}

    assert {top for top in tops if not top.endswith(".dist-info")} == OURS
    assert {f"{package}/py.typed" for package in OURS} <= set(names)
    assert [name for name in names if name.endswith("/licenses/LICENSE")] != []


def test_it_stays_small(bare: BareInstall) -> None:
    files = [
        path
        for package in OURS
        for path in (bare.packages / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    ]

    assert sum(path.stat().st_size for path in files) <= SIZE_BUDGET_BYTES


def test_importing_it_loads_nothing_heavy(bare: BareInstall) -> None:
    added = bare.loaded_by("import discreet") - bare.loaded_by("")
    foreign = {name for name in added if name not in sys.stdlib_module_names and "cython" not in name}

    assert added & TOO_HEAVY == set()
    assert foreign == {"discreet", "discreet_consent"}  # msgpack is read with, not decided with


def test_a_command_says_which_extra_is_missing(bare: BareInstall) -> None:
    ran = _run([str(bare.folder / "bin/discreet"), "check", "shop.yaml"])

    assert ran.returncode == 2
    assert 'pip install "discreet[author]"' in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_bundle_that_an_author_built_decides_the_same(bare: BareInstall, tmp_path: Path) -> None:
    key = SigningKey.generate()
    keyring = discreet.Keyring([key.public])
    shop = ModelBuilder("shop", channel="web").stage("visit").placement("home.hero", fallback="welcome")
    shop.attribute("purchases", type="number", provenance="first_party", purposes=[PROFILED])
    shop.offer("welcome", content={"title": "Welcome"})
    shop.offer("thanks", placements=["home.hero"], when="purchases >= 1", content={"title": "Thank you"})
    bundle = build([shop.build()], [key], name="shop", version=1, created_s=NOW_S, expires_s=NOW_S + 60)
    (tmp_path / "shop.bundle").write_bytes(bundle)
    keyring.write(tmp_path / "ring.json")
    evaluator = discreet.load_bytes(bundle, keyring, now_s=NOW_S)
    here = [
        evaluator.decide("home.hero", evaluator.permit(visitor, consent), now_s=NOW_S).as_dict()
        for visitor in VISITORS
        for consent in CONSENTS
    ]

    files = (str(tmp_path / "shop.bundle"), str(tmp_path / "ring.json"))
    there = bare.run("-c", DECIDE, *files, json.dumps(VISITORS), str(NOW_S), PROFILED)

    assert there.returncode == 0, there.stderr
    assert {decision["offer"] for decision in here} == {"welcome", "thanks"}
    assert json.loads(there.stdout) == json.loads(json.dumps(here))
