"""The store keeps what was served across restarts, and its loss never stops what is in service."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from discreet.serving import BundleStore, Outcome, StoreError, Trouble
from discreet.serving.ratchet import Ratchet
from support.compiled import NOW_S, loaded
from support.served_bundles import Shop, bundle, version_of


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


@contextmanager
def no_room() -> Generator[None]:
    """No file of this process can grow: what a full disk is like."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, ignored)


@contextmanager
def locked_elsewhere(shop: Shop) -> Generator[None]:
    """Another process holds the lock: to the kernel, whoever opened the file itself is another one."""
    handle = os.open(shop.folder / "lock", os.O_RDWR)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def served_after_restart(shop: Shop, *offered: bytes) -> tuple[int, str]:
    """What a new process serves whose source has the first of `offered`, and what it says of that."""
    shop.put(offered[0])
    bundles = shop.bundles()
    bundles.start()
    refused = bundles.status().refused
    return version_of(bundles), refused.kind if refused else "good"


def test_what_is_kept_is_exactly_what_came(shop: Shop) -> None:
    shop.started(bundle(7), bundle(8, floor=2))

    assert sorted(each.name for each in shop.folder.iterdir()) == ["last-good.bundle", "lock", "ratchet.json"]
    assert (shop.folder / "last-good.bundle").read_bytes() == bundle(8, floor=2)
    ratchet = BundleStore(shop.folder).ratchet()
    assert ratchet is not None
    assert (ratchet.version, ratchet.floor) == (8, 2)
    assert ratchet.names(bundle(8, floor=2))


def test_what_is_refused_is_not_kept(shop: Shop) -> None:
    shop.started(bundle(8), bundle(7), b"broken", bundle(8, "other"))

    assert (shop.folder / "last-good.bundle").read_bytes() == bundle(8)


def test_an_empty_store_has_nothing(tmp_path: Path) -> None:
    store = BundleStore(tmp_path / "store")

    assert (store.last_good(), store.ratchet()) == (None, None)


@pytest.mark.parametrize("broken", [None, b"", b"{}", b"\0\0", b'{"version": 1}'])
def test_a_lost_ratchet_is_what_the_bundle_beside_it_says(shop: Shop, broken: bytes | None) -> None:
    shop.started(bundle(7), bundle(9, floor=6))
    ratchet = shop.folder / "ratchet.json"
    if broken is None:
        ratchet.unlink()
    else:
        ratchet.write_bytes(broken)

    assert served_after_restart(shop, bundle(8)) == (9, "OlderThanServed")
    assert served_after_restart(shop, bundle(5)) == (9, "OlderThanFloor")
    assert served_after_restart(shop, bundle(9, "other")) == (9, "ChangedContent")
    assert served_after_restart(shop, bundle(10)) == (10, "good")
    assert json.loads(ratchet.read_bytes())["version"] == 10


def test_a_crash_between_bundle_and_ratchet_leaves_what_the_bundle_says(shop: Shop) -> None:
    shop.started(bundle(7))
    (shop.folder / "last-good.bundle").write_bytes(bundle(9, floor=8))  # the ratchet would have come next

    assert served_after_restart(shop, bundle(8)) == (9, "OlderThanServed")


def test_a_ratchet_counts_without_the_bundle(shop: Shop) -> None:
    shop.started(bundle(9))
    (shop.folder / "last-good.bundle").unlink()
    shop.put(bundle(8))

    with pytest.raises(Exception, match="older than version 9"):
        shop.bundles().start()


def test_a_bundle_in_the_store_that_nobody_signed_raises_no_ratchet(shop: Shop) -> None:
    shop.started(bundle(7))
    (shop.folder / "last-good.bundle").write_bytes(b"not a bundle")
    (shop.folder / "ratchet.json").unlink()

    assert served_after_restart(shop, bundle(3)) == (3, "good")


def test_a_full_disk_does_not_stop_a_swap_and_is_said(shop: Shop) -> None:
    bundles = shop.started(bundle(7))
    shop.put(bundle(8))
    with no_room():
        assert bundles.refresh() is Outcome.SWAPPED

    assert bundles.status().not_kept == Trouble(
        "StoreError", f"`{shop.folder}` cannot be written: File too large", None, NOW_S
    )
    assert (shop.folder / "last-good.bundle").read_bytes() == bundle(7)  # whole, and not half of the new one
    assert len(list(shop.folder.iterdir())) == 3
    shop.offer(bundles, [bundle(7)])
    assert version_of(bundles) == 8  # this process remembers


def test_what_could_not_be_kept_is_kept_once_it_can_be(shop: Shop) -> None:
    bundles = shop.started(bundle(7))
    shop.put(bundle(8))
    with no_room():
        bundles.refresh()
        shop.now_s += 60
        bundles.refresh()
    not_kept = bundles.status().not_kept
    assert not_kept is not None
    assert not_kept.at_s == NOW_S
    shop.now_s += 60

    assert bundles.refresh() is Outcome.UNCHANGED
    assert bundles.status().not_kept is None
    assert (shop.folder / "last-good.bundle").read_bytes() == bundle(8)


def test_what_another_worker_kept_in_the_meantime_is_not_replaced_by_something_older(shop: Shop) -> None:
    late, other = shop.started(bundle(7)), shop.bundles()
    shop.put(bundle(8))
    with no_room():
        late.refresh()
    shop.put(bundle(9))
    other.start()
    shop.put(bundle(8))
    shop.now_s += 60
    late.refresh()

    assert late.status().not_kept is None
    assert (shop.folder / "last-good.bundle").read_bytes() == bundle(9)


def test_a_folder_that_cannot_be_made_does_not_stop_the_start(shop: Shop) -> None:
    shop.folder.write_bytes(b"a file, and no folder")
    bundles = shop.started(bundle(7), bundle(8))

    assert version_of(bundles) == 8
    assert bundles.status().not_kept == Trouble(
        "StoreError", f"`{shop.folder}` cannot be locked: File exists", None, NOW_S
    )


def test_a_folder_that_may_only_be_read_still_holds_the_ratchet(shop: Shop, tmp_path: Path) -> None:
    shop.started(bundle(7), bundle(8))
    shop.folder.chmod(0o555)
    for each in shop.folder.iterdir():
        each.chmod(0o444)
    shop.put(bundle(7))
    with locked_out(tmp_path):
        strict = shop.bundles()
        strict.start()
        assert (version_of(strict), strict.current.is_fallback) == (8, True)
        shop.put(bundle(9))
        assert strict.refresh() is Outcome.SWAPPED

    assert strict.status().not_kept == Trouble(
        "StoreError", f"`{shop.folder}` cannot be locked: Permission denied", None, NOW_S
    )
    assert (shop.folder / "last-good.bundle").read_bytes() == bundle(8)


@contextmanager
def locked_out(folder: Path) -> Generator[None]:
    """Root may write everything: be nobody for a while, who may at least come in."""
    if os.geteuid() != 0:
        yield
        return
    modes = {each: each.stat().st_mode for each in [folder, *folder.parents][:-2]}
    for each, mode in modes.items():
        each.chmod(mode | 0o055)
    (folder / "shop.bundle").chmod(0o666)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
        for each, mode in modes.items():
            each.chmod(mode)


def test_a_lock_that_another_process_never_gives_up_stops_no_swap(shop: Shop) -> None:
    bundles = shop.started(bundle(7))
    shop.put(bundle(8))
    with locked_elsewhere(shop):
        assert bundles.refresh() is Outcome.SWAPPED
        again = shop.bundles()
        again.start()

    assert version_of(again) == 8
    not_kept = bundles.status().not_kept
    assert not_kept is not None
    assert not_kept.text == f"`{shop.folder}` is locked by another process"
    assert (shop.folder / "last-good.bundle").read_bytes() == bundle(7)


def test_a_lock_is_waited_for(shop: Shop) -> None:
    shop.started(bundle(7))
    store = BundleStore(shop.folder, patience_s=60)
    with locked_elsewhere(shop):
        waiter = threading.Thread(target=lambda: enter(store))
        waiter.start()
        assert waiter.is_alive()
    waiter.join(60)

    assert not waiter.is_alive()


def enter(store: BundleStore) -> None:
    with store.locked():
        pass


def test_a_lock_is_given_back_after_a_failure(shop: Shop) -> None:
    store = BundleStore(shop.folder, patience_s=0)
    ratchet = Ratchet.of(loaded(bundle(7)).bundle)
    enter(store)
    (shop.folder / "ratchet.json").mkdir()
    with pytest.raises(StoreError), store.locked():
        store.keep(b"", ratchet)

    enter(BundleStore(shop.folder, patience_s=0))


def test_what_a_killed_process_left_half_written_is_removed(shop: Shop) -> None:
    bundles = shop.started(bundle(7))
    (shop.folder / ".last-good.bundle.0123456789abcdef.part").write_bytes(b"half")
    (shop.folder / ".ratchet.json.0123456789abcdef.part").write_bytes(b"half")
    shop.offer(bundles, [bundle(8)])

    assert sorted(each.name for each in shop.folder.iterdir()) == ["last-good.bundle", "lock", "ratchet.json"]


@pytest.mark.parametrize("name", ["last-good.bundle", "ratchet.json", "lock"])
def test_a_pipe_in_the_folder_is_not_waited_for(shop: Shop, name: str) -> None:
    shop.folder.mkdir()
    os.mkfifo(shop.folder / name)
    with pytest.raises(StoreError, match="not a regular file"):
        read_all(BundleStore(shop.folder))

    bundles = shop.started(bundle(7))

    not_kept = bundles.status().not_kept
    if name == "lock":
        assert not_kept is not None
        assert not_kept.text == f"`{shop.folder}` cannot be locked: not a regular file"
    else:  # what is kept takes its place
        assert not_kept is None
        assert (shop.folder / name).is_file()


def read_all(store: BundleStore) -> None:
    with store.locked():
        store.last_good()
        store.ratchet()


@pytest.mark.parametrize("name", ["last-good.bundle", "ratchet.json", "lock"])
def test_a_link_in_the_folder_is_not_followed(shop: Shop, name: str, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    if name != "lock":
        elsewhere.write_bytes(b"of somebody else")
    shop.folder.mkdir()
    (shop.folder / name).symlink_to(elsewhere)
    with pytest.raises(StoreError, match="symbolic link"):
        read_all(BundleStore(shop.folder))

    shop.started(bundle(7))

    assert elsewhere.exists() is (name != "lock")
    assert name == "lock" or elsewhere.read_bytes() == b"of somebody else"


def test_a_store_shows_its_folder(tmp_path: Path) -> None:
    assert repr(BundleStore(tmp_path)) == f"BundleStore('{tmp_path}')"
