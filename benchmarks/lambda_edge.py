"""How large a Lambda@Edge function is, how long it takes to start, and what an event costs in Lambda's own client.

    python -m benchmarks.lambda_edge

The packages are built from this tree and from the libraries that are installed beside it. What it does not show: the
machines that AWS runs functions on, CloudFront itself, the network, a large bundle.
"""

from __future__ import annotations

import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any, Final

import discreet
from discreet.adapters import lambda_edge
from discreet.compiler import SigningKey, build
from discreet.model import models_from_dicts
from discreet.visitors import Visitors, VisitorSettings

from .lambda_runtime import function

ROOT: Final = Path(__file__).parents[1]
OURS: Final = ("consent/discreet_consent", "sdk/discreet")
LIBRARIES: Final = ("cachetools", "msgpack", "cryptography")
# What a function does not need of us; `pip install --target` brings it all the same.
LEFT_OUT: Final = (
    "blueprint",
    "checks",
    "cli",
    "compiler",
    "demo",
    "events",
    "inventory",
    "model",
    "offline",
)
QUOTAS: Final = {"every event, today": 50_000_000, "viewer events, formerly": 1_000_000}
NEEDED: Final = re.compile(r"[\w.-]+(?!.*(extra ==|python(_full)?_version <))")  # here and without extras
EVENTS, MEGABYTE = 500, 1_000_000
FUNCTION: Final = """
from pathlib import Path
import discreet
from discreet.adapters import lambda_edge
from discreet.visitors import Visitors, VisitorSettings
HERE = Path(__file__).parent
evaluator = discreet.load(HERE / "shop.bundle", discreet.Keyring.read(HERE / "trusted-keys.json"))
visitors = Visitors(VisitorSettings(region="IT"))
handler = lambda_edge.handler(evaluator, visitors, placements=["home.hero"], answers="/v1")
"""
MODEL: Final[dict[str, Any]] = {
    "model": "shop",
    "channel": "web",
    "attributes": {
        "pages": {"type": "number", "provenance": "first_party", "purposes": ["essential.service"]},
        "country": {
            "type": "string",
            "provenance": "contextual",
            "purposes": ["personalize.content.limited"],
        },
    },
    "stages": [{"id": "discover"}],
    "placements": {"home.hero": {"fallback": "welcome"}},
    "offers": [
        {"id": "welcome", "content": {"title": "Welcome"}},
        *(
            {"id": f"offer-{n}", "placements": ["home.hero"], "when": f"pages == {n}", "content": {"title": f"{n}"}}
            for n in range(100)
        ),
    ],
}  # fmt: skip


def write_function(folder: Path) -> None:
    """A function module with a bundle of 100 offers and its keys, all of them in `folder`."""
    key, now_s = SigningKey.generate(), int(time.time())
    models = models_from_dicts([MODEL])
    day_s = 86_400
    data = build(
        models, [key], name="shop", version=1, floor=1, created_s=now_s - 60, expires_s=now_s + day_s
    )
    (folder / "shop.bundle").write_bytes(data)
    discreet.Keyring([key.public]).write(folder / "trusted-keys.json")
    (folder / "function.py").write_text(FUNCTION, encoding="utf-8")


def write_package(
    folder: Path, *, libraries: Sequence[str] = LIBRARIES, leave_out: Sequence[str] = LEFT_OUT
) -> None:
    """A whole function in `folder`: the module, our packages but for the rooms left out, and the libraries."""
    folder.mkdir(parents=True, exist_ok=True)
    write_function(folder)
    for package in OURS:
        shutil.copytree(ROOT / package, folder / Path(package).name, ignore=_compiled)
    for room in leave_out:
        shutil.rmtree(folder / "discreet" / room, ignore_errors=True)
    for library in _with_their_own(libraries):
        for file in library.files or ():
            source = Path(str(file.locate()))
            if ".." not in file.parts and "__pycache__" not in file.parts and source.suffix != ".pyi":
                target = folder / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)


def _compiled(_: str, names: list[str]) -> list[str]:
    return [name for name in names if name == "__pycache__" or name.startswith(".")]


def _with_their_own(names: Sequence[str]) -> Iterator[Distribution]:
    """The libraries and what they need, once each."""
    seen: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        if name not in seen:
            seen.add(name)
            found = distribution(name)
            yield found
            left += [needed[0] for each in found.requires or () if (needed := NEEDED.match(each))]


def zipped(folder: Path, target: Path, *, level: int = 9) -> int:
    """Zip `folder`, as well as zip can at level 9; how many bytes that takes."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.write(path, path.relative_to(folder))
    return target.stat().st_size


def start_ms(folder: Path) -> float:
    """How long a function takes from its first import to its handler, without the interpreter's own start."""
    code = (
        "import sys, time; began = time.perf_counter(); sys.path.insert(0, sys.argv[1]); import function; "
        "print(time.perf_counter() - began)"
    )
    command = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        code,
        str(folder),
    ]  # nothing but the package and the standard library
    runs = [subprocess.run(command, check=True, capture_output=True, text=True).stdout for _ in range(6)]
    return 1000 * min(map(float, runs[1:]))


def event(kind: str, uri: str = "/") -> dict[str, Any]:
    """One event, as small as they get."""
    headers = {
        "host": [{"key": "Host", "value": "shop.example"}],
        "cookie": [{"key": "Cookie", "value": "a=1"}],
    }
    request = {"clientIp": "", "headers": headers, "method": "GET", "querystring": "", "uri": uri}
    response = {"status": "200", "statusDescription": "OK", "headers": {}}
    return {"Records": [{"cf": {"config": {"eventType": kind}, "request": request, "response": response}}]}


def own_us(folder: Path, sent: dict[str, Any]) -> float:
    """What the handler itself takes for an event, in this process."""
    ring = discreet.Keyring.read(folder / "trusted-keys.json")
    evaluator = discreet.load(folder / "shop.bundle", ring)
    visitors = Visitors(VisitorSettings(region="IT"))
    handler = lambda_edge.handler(evaluator, visitors, placements=["home.hero"], answers="/v1")
    times: list[int] = []
    for text in [json.dumps(sent)] * 3_000:
        fresh = json.loads(text)
        began_ns = time.perf_counter_ns()
        handler(fresh, None)
        times.append(time.perf_counter_ns() - began_ns)
    return statistics.median(times) / 1000


EMPTY: Final = "def handler(event, context):\n    return event['Records'][0]['cf']['request']\n"


def event_ms(folder: Path, sent: dict[str, Any]) -> float:
    """The median time of an event, from the Runtime API to the function and back."""
    times: list[float] = []
    with function(folder, "function.handler", log=folder / "log") as api:
        for number in range(EVENTS + 50):
            began_s = time.perf_counter()
            said, returned = api.invoke(sent)
            if said != "response":
                raise SystemExit(json.dumps(returned))
            if number >= 50:
                times.append(time.perf_counter() - began_s)
    return 1000 * statistics.median(times)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        packages = {
            "all that `pip install discreet` brings": (LIBRARIES, ()),
            "the rooms that a function needs": (LIBRARIES, LEFT_OUT),
            "the same without cryptography, which loads no bundle": (LIBRARIES[:2], LEFT_OUT),
        }
        print(
            "| package | compressed | "
            + " | ".join(f"{q} ({n // MEGABYTE} MB)" for q, n in QUOTAS.items())
            + " |"
        )
        print("|:---|---:|" + ":---:|" * len(QUOTAS))
        for number, (title, (libraries, leave_out)) in enumerate(packages.items()):
            folder = root / str(number)
            write_package(folder, libraries=libraries, leave_out=leave_out)
            size = zipped(folder, root / f"{number}.zip")
            fits = " | ".join("fits" if size <= quota else "**does not fit**" for quota in QUOTAS.values())
            print(f"| {title} | {size / MEGABYTE:.2f} MB | {fits} |")
        print(f"\nstart, imports and verified bundle: {start_ms(root / '1'):.0f} ms\n")
        empty = root / "empty"
        empty.mkdir()
        (empty / "function.py").write_text(EMPTY, encoding="utf-8")
        print("| event | in Lambda's client | of that the handler |\n|:---|---:|---:|")
        print(f"| a function that does nothing | {event_ms(empty, event('viewer-request')):.2f} ms | |")
        kinds = ("viewer-request", "origin-request", "origin-response", "viewer-response")
        asked = {**{kind: event(kind) for kind in kinds}, "an answer": event("viewer-request", "/v1/decide")}
        for what, sent in asked.items():
            print(f"| {what} | {event_ms(root / '1', sent):.2f} ms | {own_us(root / '1', sent):.0f} µs |")


if __name__ == "__main__":
    main()
