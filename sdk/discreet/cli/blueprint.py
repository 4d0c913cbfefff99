"""Draw the model: the journey's stages, what can show in each, and what that asks of everybody."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from .files import check_drawn, check_output, write_atomically
from .includes import check_not_included
from .options import NEW_FILE, clock_s, json_option, models_argument, now_option
from .output import line, print_json
from .progress import long_work
from .refusals import count

if TYPE_CHECKING:
    from ..blueprint import Drawing

_EPILOG = """\b
Example:
  discreet blueprint shop.yaml -o shop.html
  discreet blueprint web.yaml mail.yaml --title "The autumn" --language de -o autumn.html
  discreet blueprint shop.yaml --format md -o -
"""
_ENDINGS: Final = {".html": "html", ".htm": "html", ".svg": "svg", ".md": "md", ".markdown": "md"}
_STDOUT: Final = Path("-")
_UNNAMED: Final = Path("")


@click.command("blueprint", epilog=_EPILOG)
@models_argument
@click.option(
    "-o", "--output", type=NEW_FILE, required=True, metavar="FILE", help="Where to draw it; `-` is stdout."
)
@click.option(
    "--format", "form", type=click.Choice(["html", "svg", "md"]), help="[default: by the ending of FILE]"
)
@click.option(
    "--language", default="en", metavar="LANGUAGE", help="Of the page's own words: en, de.  [default: en]"
)
@click.option("--title", metavar="TEXT", help="[default: what the models' ids begin with]")
@now_option
@json_option
def command(
    models: Sequence[Path],
    output: Path,
    form: str | None,
    language: str,
    title: str | None,
    now_s: float | None,
    as_json: bool,
) -> None:
    """Draw the model: the journey's stages, what can show in each, and what that asks of everybody.

    HTML is one page that loads nothing: with filters, a switch for each purpose, and a print style for a poster (A3).
    SVG is for slides, Markdown with a Mermaid diagram for repositories. Several models are drawn side by side, as they
    would share one bundle. Windows are judged at --now.
    """
    form = _form(form, output, as_json=as_json)
    if output != _STDOUT:
        _check_output(output, models)
    drawn = _drawn(models, now_s=clock_s(now_s), title=title, language=language)
    text = _forms()[form](drawn, language)
    if output == _STDOUT:
        sys.stdout.write(text)
        return
    check_not_included(output, models)
    data = text.encode()
    write_atomically(output, data)
    _answer(drawn, output, form, len(data), as_json=as_json)


def _form(stated: str | None, output: Path, *, as_json: bool) -> str:
    if output == _STDOUT and as_json:
        raise click.UsageError("`-o -` prints the picture, `--json` an answer about it; write it to a file")
    if output == _UNNAMED:
        raise click.UsageError("`--output` names no file")
    form = stated or _ENDINGS.get(output.suffix.lower())
    if form is None:
        raise click.UsageError(
            f"`{output}` ends with none of {', '.join(_ENDINGS)}; name its form with --format"
        )
    return form


def _check_output(output: Path, models: Sequence[Path]) -> None:
    from ..blueprint.pages import DRAWN

    check_output(output, models)
    check_drawn(output, DRAWN)


def _drawn(models: Sequence[Path], *, now_s: float, title: str | None, language: str) -> Drawing:
    from ..blueprint import draw, languages
    from ..model import read_models

    if language not in languages():
        raise click.UsageError(f"the page speaks {', '.join(languages())}, and not `{language}`")
    with long_work() as progress:
        read = read_models(models, progress=progress)
        return draw(read, now_ms=now_s * 1000, title=title, progress=progress)


def _forms() -> Mapping[str, Callable[[Drawing, str], str]]:
    from ..blueprint import as_html, as_markdown, as_svg

    return {
        "html": lambda drawn, language: as_html(drawn, language=language),
        "svg": lambda drawn, language: as_svg(drawn, language=language),
        "md": lambda drawn, language: as_markdown(drawn, language=language),
    }


def _answer(drawn: Drawing, output: Path, form: str, size_bytes: int, *, as_json: bool) -> None:
    offers = sum(1 for model in drawn.models for each in model.offers if each.offer.placements)
    if as_json:
        names = [each.model.id for each in drawn.models]
        print_json(
            {
                "blueprint": str(output),
                "format": form,
                "size_bytes": size_bytes,
                "models": names,
                "offers": offers,
            }
        )
        return
    line(
        f"drawn {output}: {count(len(drawn.models), 'model')}, {count(offers, 'offer')}, {size_bytes / 1024:.0f} KB"
    )
