"""Say for whom, and under which consent, another offer wins."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import BundleError, ExpiredBundle, ModelError
from .bundles import open_bundle
from .options import EXISTING_FILE, clock_s, json_option, now_option
from .output import line, print_json, table
from .progress import long_work
from .refusals import NO, Unusable

if TYPE_CHECKING:
    from ..checks import Difference
    from ..checks.proofs import Journeys
    from ..model import Progress

_EPILOG = """\b
Example:
  discreet diff shop.yaml shop-new.yaml
  discreet diff live.bundle shop.yaml --trust trusted-keys.json --markdown
  discreet diff was/web.yaml web.yaml --old was/mail.yaml --new mail.yaml --json
"""
_SECOND_MS = 1000
_BUNDLE = b"\x83"  # how a bundle begins, and no model does


@click.command("diff", epilog=_EPILOG)
@click.argument("old", type=EXISTING_FILE, metavar="OLD")
@click.argument("new", type=EXISTING_FILE, metavar="NEW")
@click.option(
    "--old", "more_old", multiple=True, type=EXISTING_FILE, metavar="MODEL",
    help="A further model of the old side; repeatable.",
)  # fmt: skip
@click.option(
    "--new", "more_new", multiple=True, type=EXISTING_FILE, metavar="MODEL",
    help="A further model of the new side; repeatable.",
)  # fmt: skip
@click.option(
    "--trust",
    "ring",
    type=EXISTING_FILE,
    metavar="RING",
    help="For bundles: the keys whose signatures count.",
)
@click.option(
    "--placement", "placements", multiple=True, metavar="P", help="Look at this slot only; repeatable."
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Stop after so many changes.")
@click.option("--markdown", is_flag=True, help="Print Markdown, for the comment of a pull request.")
@click.option(
    "--exit-zero", is_flag=True, help="Exit with 0 also where something changes: a report, no gate."
)
@now_option
@json_option
def command(
    old: Path,
    new: Path,
    more_old: Sequence[Path],
    more_new: Sequence[Path],
    ring: Path | None,
    placements: Sequence[str],
    limit: int | None,
    markdown: bool,
    exit_zero: bool,
    now_s: float | None,
    as_json: bool,
) -> None:
    """Say for whom, and under which consent, another offer wins.

    OLD and NEW are models or bundles. What is compared is what visitors meet, not what was rewritten: each change
    comes with a visitor who meets it and the least consents under which it happens, and it is proven that there is no
    other. Exit code 1: something changes, or the proof was too much.
    """
    if markdown and as_json:
        raise click.UsageError("name one of --markdown and --json")
    at_s = clock_s(now_s)
    found = _found((old, *more_old), (new, *more_new), ring, placements, limit, at_s)
    if as_json:
        print_json(found.as_dict())
    elif markdown:
        from ..checks.changes_markdown import as_markdown

        click.echo(as_markdown(found), nl=False)
    else:
        _print(found)
        _print_builds(found, at_s * 1000)
    if not found.is_empty and not exit_zero:
        raise click.exceptions.Exit(NO)


def _found(
    old: Sequence[Path],
    new: Sequence[Path],
    ring: Path | None,
    placements: Sequence[str],
    limit: int | None,
    at_s: float,
) -> Difference:
    from ..checks import difference

    if ring is not None and not any(map(_is_bundle, (*old, *new))):
        raise click.UsageError("a model has no signature to verify; leave out --trust, or name a bundle")
    with long_work() as progress:
        was, becomes = _side(old, ring, at_s, progress), _side(new, ring, at_s, progress)
        _check_placements(placements, was, becomes)
        return difference(
            was,
            becomes,
            now_ms=at_s * 1000,
            placements=placements or None,
            limit=limit,
            progress=progress,
        )


def _side(files: Sequence[Path], ring: Path | None, at_s: float, progress: Progress) -> Journeys:
    from ..checks.proofs import journeys_of, journeys_of_bundle
    from ..compiler import compile_models
    from ..model import read_models

    bundle = next(filter(_is_bundle, files), None)
    if bundle is None:
        try:
            models = read_models(files, progress=progress)
            compile_models(models, progress)
        except ModelError as error:  # 1 would say that something changes
            raise Unusable(error) from None
        return journeys_of(models)
    if len(files) > 1:
        raise click.UsageError("a side is one bundle, or models")
    if ring is None:
        raise click.UsageError(
            f"`{bundle}` is a bundle, which is verified first: name its keyring with --trust"
        )
    try:
        return journeys_of_bundle(open_bundle(bundle, ring, now_s=at_s).bundle)
    except BundleError as error:
        if isinstance(error, ExpiredBundle):
            error.args = (
                f"{error}; to compare it all the same, state an instant at which it held with --now",
            )
        raise Unusable(error) from None


def _is_bundle(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(1) == _BUNDLE


def _check_placements(asked: Sequence[str], old: Journeys, new: Journeys) -> None:
    for name in asked:
        for side, journeys in (("old", old), ("new", new)):
            if not any(placement.id == name for rules in journeys.rules for placement in rules.placements):
                raise click.UsageError(f"the {side} side has no placement `{name}`")


def _print(found: Difference) -> None:
    from ..checks import changes_words as words

    if found.is_empty:
        line(words.headline(found), "green")
        return
    for name in dict.fromkeys(each.placement for each in found.winners):
        line(name, "bold")
        rows = [
            (
                words.outcome(each.was),
                words.outcome(each.becomes),
                words.under(each.consents),
                words.visitor(each.witness, each.consents),
            )
            for each in found.winners
            if each.placement == name
        ]
        table(("was", "becomes", "under the consent", "for example"), rows)
        line()
    _print_contents(found)
    _print_stages(found)
    for declared in found.declarations:
        line(words.declaration(declared))
    for given_up in found.unproven:
        line(words.given_up(given_up), "yellow")
    line(words.headline(found), "bold")
    line(words.verdict(found), "" if found.proven else "yellow")


def _print_contents(found: Difference) -> None:
    from ..checks import changes_words as words

    if not found.contents:
        return
    line("other content", "bold")
    rows = [
        (
            each.offer,
            ", ".join(each.fields),
            ", ".join(each.placements),
            words.under(each.consents),
            words.visitor(each.witness, each.consents),
        )
        for each in found.contents
    ]
    table(("offer", "what differs", "at", "under the consent", "for example"), rows)
    line()


def _print_stages(found: Difference) -> None:
    from ..checks import changes_words as words

    for model in dict.fromkeys(each.model for each in found.stages):
        line(f"the stage of visitors of {model}", "bold")
        rows = [
            (each.was, each.becomes, words.under(each.consents), words.visitor(each.witness, each.consents))
            for each in found.stages
            if each.model == model
        ]
        table(("was", "becomes", "under the consent", "for example"), rows)
        line()


def _print_builds(found: Difference, now_ms: float) -> None:
    """Say how those are reproduced for whom a bundle of now has expired, or is not yet."""
    witnesses = [
        *(each.witness for each in found.winners),
        *(each.witness for each in found.contents),
        *(each.witness for each in found.stages),
    ]
    if any(abs(each.now_ms - now_ms) >= _SECOND_MS for each in witnesses):
        line("to decide for a visitor of another instant, build both sides with --created at that instant")
