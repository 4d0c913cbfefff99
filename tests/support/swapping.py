"""Processes that swap bundles on one store: killed at random moments, or many at once. Run as a program.

    python -m support.swapping killed FOLDER KILLS SEED
    python -m support.swapping together FOLDER PROCESSES VERSIONS

It forks, so it is a process of its own. It prints what it found wrong, one line each, and `done`; before that, for
`killed`, how many kills came while the store was being written.
"""

from __future__ import annotations

import logging
import os
import random
import signal
import struct
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from discreet.files import write_whole
from discreet.serving import BundleStore, Outcome

from .served_bundles import Shop, bundle, spoiled, version_of

VERSIONS = 400
_PATIENCE_S = 60.0


def risen(version: int) -> bytes:
    """A bundle that forbids every older one: then the store must never hold a ratchet newer than its bundle."""
    return bundle(version, floor=version)


def forked(work: Callable[[int], None]) -> tuple[int, int]:
    """A child that does `work` with the end of a pipe; its id, and the other end."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        try:
            work(write)
        except BaseException as error:  # noqa: BLE001 - a child must not go on as if it were its parent
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
            os._exit(9)
        os._exit(0)
    os.close(write)
    return child, read


def swap_on(shop: Shop, first: int) -> Callable[[int], None]:
    """Serve one version after the other from `first` on, and say on a pipe which one is in service."""

    def work(pipe: int) -> None:
        shop.put(risen(first))
        bundles = shop.bundles()
        bundles.start()
        for version in range(first, VERSIONS):
            write_whole(shop.file, risen(version), durable=False)
            bundles.refresh()
            os.write(pipe, struct.pack("<I", version_of(bundles)))

    return work


def acknowledged(pipe: int) -> int:
    """The last version that came through `pipe`, whose other end is closed; 0 when none did."""
    data = b"".join(iter(lambda: os.read(pipe, 65_536), b""))
    os.close(pipe)
    return struct.unpack("<I", data[-4:])[0] if len(data) >= 4 else 0


def killed(folder: Path, kills: int, seed: int) -> Iterator[str]:
    """Kill a swapping process `kills` times at any moment; after each, what a restart gets wrong."""
    dice = random.Random(seed)  # noqa: S311 - the same dice each time
    shop, first, served, amid = Shop(folder), 1, 0, 0
    for number in range(kills):
        if first > VERSIONS // 2:  # a new folder, as the versions come to an end
            (folder / str(number)).mkdir()
            shop, first, served = Shop(folder / str(number)), 1, 0
        child, pipe = forked(swap_on(shop, first))
        time.sleep(dice.random() * 0.08)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        served = max(served, acknowledged(pipe))
        amid += was_amid(shop)
        yield from (f"kill {number}: {each}" for each in wrong_after_restart(shop, served))
        first = max(first, served) + 1
    yield f"amid {amid}"


def was_amid(shop: Shop) -> bool:
    """Whether the killed process was about to write the store: half a file is left, or the ratchet is behind."""
    store = BundleStore(shop.folder)
    data, ratchet = store.last_good(), store.ratchet()
    behind = data is not None and (ratchet is None or not ratchet.names(data))
    return behind or any(shop.folder.glob(".*.part"))


def wrong_after_restart(shop: Shop, served: int) -> Iterator[str]:
    """What is wrong in a new process whose source is gone, after `served` was acknowledged."""
    with suppress(FileNotFoundError):
        shop.file.unlink()
    bundles = shop.bundles()
    if served == 0:
        return
    version = bundles.start().evaluator.bundle.version
    if version < served:
        yield f"version {version} after {served}"
    if bundles.current.data != risen(version):
        yield f"version {version} is not as it was received"
    shop.put(risen(served - 1))
    if bundles.refresh() is not Outcome.REFUSED:
        yield f"version {served - 1} was taken after {served}"
    if BundleStore(shop.folder).ratchet() is None:
        yield "the ratchet is lost"


def together(folder: Path, processes: int, versions: int) -> Iterator[str]:
    """Let `processes` look at one source that rises to `versions`, with bad ones between; what went wrong."""
    shop = Shop(folder)
    shop.put(bundle(1))
    children = [forked(lambda pipe: follow(shop, versions, pipe)) for _ in range(processes)]
    for version in range(2, versions + 1):
        for data in (bundle(version), spoiled(bundle(version + 1)), bundle(version - 1), bundle(version)):
            write_whole(shop.file, data, durable=False)
            time.sleep(0.004)
    for child, pipe in children:
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code or acknowledged(pipe) != versions:
            yield f"a process ended with {code}"
    if (shop.folder / "last-good.bundle").read_bytes() != bundle(versions):
        yield "the store does not hold the last version"


def follow(shop: Shop, last: int, pipe: int) -> None:
    """Look until `last` is in service, and see that no version is ever followed by an older one."""
    bundles = shop.bundles(store=BundleStore(shop.folder, patience_s=_PATIENCE_S))
    bundles.start()
    end, before = time.monotonic() + _PATIENCE_S, 0
    while before < last and time.monotonic() < end:
        bundles.refresh()
        version = version_of(bundles)
        if version < before or bundles.current.data != bundle(version) or bundles.status().not_kept:
            raise ValueError(f"{version} after {before}, {bundles.status().not_kept}")
        before = version
    os.write(pipe, struct.pack("<I", before))


def main(what: str, folder: str, *numbers: str) -> None:
    """Run one of the two, and print what went wrong."""
    for version in range(1, VERSIONS):
        bundle(version)  # built before the fork, for all
        risen(version)
    logging.disable()  # refusals are what this is about
    run = {"killed": killed, "together": together}[what]
    for line in run(Path(folder), *map(int, numbers)):
        sys.stdout.write(f"{line}\n")
    sys.stdout.write("done\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
