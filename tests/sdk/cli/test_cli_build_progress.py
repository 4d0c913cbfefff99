"""`discreet build` and `check` say how far long work has come, and of short work nothing."""

from __future__ import annotations

import gc
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from discreet.cli.progress import EVERY_S, PATIENCE_S, bar, lines, long_work
from support.command_line import Shop, invoke


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_work_that_is_soon_done_says_nothing(shop: Shop, tmp_path: Path) -> None:
    result = invoke("build", shop.model, "--key", shop.secret, "-o", tmp_path / "quiet.bundle")

    assert result.exit_code == 0
    assert result.stderr == ""


def test_elsewhere_than_on_a_terminal_long_work_says_a_line_per_step_and_now_and_then(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock = Clock()
    progress = lines(clock)
    for now_s, step, done in (
        (PATIENCE_S - 0.1, "reading", 1),
        (PATIENCE_S, "reading", 2_000),
        (PATIENCE_S + 1, "reading", 3_000),
        (PATIENCE_S + EVERY_S, "reading", 4_000),
        (PATIENCE_S + EVERY_S + 1, "compiling", 0),
        (PATIENCE_S + EVERY_S + 2, "compiling", 5_000),
    ):
        clock.now_s = now_s
        progress(step, done, 5_000)

    assert capsys.readouterr().err.splitlines() == [
        "reading: 2,000 of 5,000",
        "reading: 4,000 of 5,000",
        "compiling: 0 of 5,000",
    ]


@pytest.fixture
def screen() -> Console:
    return Console(file=io.StringIO(), force_terminal=True, force_interactive=True, width=80, _environ={})


def shown(screen: Console) -> str:
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


def test_on_a_terminal_a_bar_appears_once_the_work_is_long(screen: Console) -> None:
    clock = Clock()
    with bar(screen, clock) as progress:
        progress("reading [red]shop[/red].yaml", 1, 4)
        assert shown(screen) == ""
        clock.now_s = PATIENCE_S
        progress("reading [red]shop[/red].yaml", 1, 4)
        assert "reading [red]shop[/red].yaml" in shown(screen)
        assert "25%" in shown(screen)


def test_a_bar_that_was_never_due_leaves_nothing_behind(screen: Console) -> None:
    with bar(screen, Clock()) as progress:
        progress("reading", 4, 4)

    assert shown(screen) == ""


def test_a_bar_is_taken_away_when_the_work_fails(screen: Console) -> None:
    def work() -> None:
        clock = Clock()
        with bar(screen, clock) as progress:
            clock.now_s = PATIENCE_S
            progress("reading", 1, 4)
            raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        work()

    assert shown(screen).endswith("\x1b[2K")  # the line is erased


@pytest.fixture
def collecting() -> Iterator[None]:
    gc.enable()
    yield
    gc.enable()


@pytest.mark.usefixtures("collecting")
def test_the_collector_of_cycles_pauses_for_long_work_only() -> None:
    with long_work():
        assert not gc.isenabled()
    assert gc.isenabled()

    with pytest.raises(ValueError, match="broken"), long_work():
        raise ValueError("broken")
    assert gc.isenabled()

    gc.disable()
    with long_work():
        pass
    assert not gc.isenabled()
