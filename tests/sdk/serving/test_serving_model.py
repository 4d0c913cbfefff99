"""Any sequence of good, corrupt, older, expired and lost sources, restarts and lost files, beside a simple model."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from discreet.serving import Bundles, Outcome
from support.compiled import NOW_S
from support.served_bundles import DAY_S, STRANGER, Shop, bundle, spoiled

VERSIONS = st.integers(1, 6)
TITLES = st.sampled_from(["one", "other"])
Content = tuple[int, str, int]  # version, title, floor


class Serving(RuleBasedStateMachine):
    """What is served, what is the newest that ever was, and the highest floor: three values are the whole model."""

    serving: Bundles

    @initialize(version=VERSIONS, title=TITLES)
    def begin(self, version: int, title: str) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.shop = Shop(Path(self.folder.name))
        self.served: Content = (version, title, 0)
        self.newest: Content = self.served
        self.floor = 0
        self.offered: Content | str = self.served  # what the source has, or what is wrong with it
        self.shop.put(bundle(version, title))
        self.serving = self.shop.bundles()
        self.serving.start()

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.folder.cleanup()

    def judged(self, content: Content) -> str | None:
        """Why `content` must not be served, or None."""
        version, title, _ = content
        if version < self.floor:
            return "OlderThanFloor"
        if version == self.newest[0] and (title, content[2]) != self.newest[1:]:
            return "ChangedContent"
        return "OlderThanServed" if version < self.newest[0] else None

    @rule(version=VERSIONS, title=TITLES, floor=st.sampled_from([0, 0, 1, 3]))
    def a_good_file(self, version: int, title: str, floor: int) -> None:
        self.offered = (version, title, min(floor, version))
        self.shop.put(bundle(version, title, floor=min(floor, version)))

    @rule(version=VERSIONS, how=st.sampled_from(["spoiled", "half", "stranger", "expired", "early"]))
    def a_bad_file(self, version: int, how: str) -> None:
        made = {
            "spoiled": lambda: spoiled(bundle(version)),
            "half": lambda: bundle(version)[: 40 + version],
            "stranger": lambda: bundle(version, key=STRANGER),
            "expired": lambda: bundle(version, expires_s=NOW_S - DAY_S),
            "early": lambda: bundle(version, created_s=NOW_S + 100 * DAY_S),
        }
        self.shop.put(made[how]())
        self.offered = {
            "half": "MalformedBundle", "expired": "ExpiredBundle", "early": "ExpiredBundle"
        }.get(how, "BadSignature")  # fmt: skip

    @rule()
    def no_file(self) -> None:
        self.shop.file.unlink(missing_ok=True)
        self.offered = "SourceError"

    @rule(seconds=st.sampled_from([1, 40, 4_000]))
    def time_goes_by(self, seconds: int) -> None:
        self.shop.now_s += seconds

    @rule()
    def a_look(self) -> None:
        outcome = self.serving.refresh()

        if self.offered == "SourceError":
            assert outcome is Outcome.UNREACHABLE
        elif isinstance(self.offered, str) or self.trouble() is not None:
            assert outcome is Outcome.REFUSED
            refused = self.serving.status().refused
            assert refused is not None
            assert refused.kind == self.trouble()
        else:
            assert outcome is (Outcome.UNCHANGED if self.offered == self.served else Outcome.SWAPPED)
            self.serve(self.offered)
        assert (self.serving.status().failures == 0) is (self.trouble() is None)

    @rule()
    def a_restart(self) -> None:
        self.serving = self.shop.bundles()
        self.serving.start()

        assert self.serving.current.is_fallback is (self.trouble() is not None)
        if self.trouble() is None and not isinstance(self.offered, str):
            self.serve(self.offered)

    @rule(broken=st.sampled_from([None, b"", b'{"version": 0}']))
    def a_lost_ratchet(self, broken: bytes | None) -> None:
        """The bundle beside it is the newest one; only a floor that an older one set is forgotten, at a restart."""
        path = self.shop.folder / "ratchet.json"
        path.unlink(missing_ok=True)
        if broken is not None:
            path.write_bytes(broken)
        self.serving = self.shop.bundles()
        self.floor = self.newest[2]
        self.a_restart()

    @rule()
    def a_lost_bundle(self) -> None:
        """What is in service stays there; it comes back to the store with the next one that is taken."""
        if self.trouble() is None and not isinstance(self.offered, str):
            (self.shop.folder / "last-good.bundle").unlink(missing_ok=True)
            self.a_restart()

    def trouble(self) -> str | None:
        """Why what the source has must not be served, or None."""
        return self.offered if isinstance(self.offered, str) else self.judged(self.offered)

    def serve(self, content: Content) -> None:
        self.served = self.newest = content
        self.floor = max(self.floor, content[2])

    @invariant()
    def what_must_be_served_is(self) -> None:
        if hasattr(self, "serving"):
            version, title, floor = self.served
            assert self.serving.current.data == bundle(version, title, floor=floor)
            assert self.serving.status().not_kept is None


TestServing = Serving.TestCase
TestServing.settings = settings(max_examples=max(1, settings().max_examples // 2), stateful_step_count=25)
