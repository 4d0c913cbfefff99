"""The model drawn: one picture for strategists, developers and privacy officers. Needs the extra `author`."""

from .drawing import Drawing
from .html import as_html
from .markdown import as_markdown
from .pages import page
from .svg import as_svg
from .taking import draw
from .words import languages

__all__ = ["Drawing", "as_html", "as_markdown", "as_svg", "draw", "languages", "page"]
