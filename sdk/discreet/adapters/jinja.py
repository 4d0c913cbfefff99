"""The Jinja2 extension: `{% offer "home.hero" %}` and `decision("home.hero")`. Needs the extra `pages`.

    {% offer "home.hero" %}                      the template `offers/home.hero.html`, or else `offers/default.html`
    {% offer "home.hero" esi %}                  the same, put in by the cache in front where it can
    {% offer "home.hero" as hero %}              in place: `hero` is the offer's content, everything else is the page's
      <h1>{{ hero.title }}</h1>
    {% endoffer %}
    {{ decision("home.hero").offer }}            the decision itself

An offer's own template sees `offer` (the content), `decision`, `placement`, `discreet` (the page) and the globals of
the environment: the same whether it stands in the page or in a fragment. What tokens were filled with is escaped by the
engine, so an environment that escapes nothing is refused, and so is a template or a block that escapes nothing when it
asks for an offer. What it got is handed on as texts that escape themselves: see `page_content`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import MissingExtra
from .fragments import UNESCAPED, NotEscaping, names_for, offer_template
from .page import NoPage, Page

try:
    from jinja2 import Environment, nodes, pass_context
    from jinja2.ext import Extension
    from jinja2.runtime import Context

    from .page_content import Shown
except ImportError as error:  # pragma: no cover - told by a test in a process of its own
    raise MissingExtra("rendering offers in Jinja2 templates", "pages") from error

if TYPE_CHECKING:
    from jinja2.parser import Parser


class OfferExtension(Extension):
    """Adds the tag `offer` and the function `decision` to an environment.

    The page is found in the template's context: as `discreet`, or by its `request`.

    Raises:
        NotEscaping: the environment has `autoescape=False`.
    """

    tags = {"offer"}  # noqa: RUF012 - as Jinja2 declares it

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        if environment.autoescape is False:
            raise NotEscaping(f"the environment {UNESCAPED}")
        names: dict[str, Any] = environment.globals
        names.setdefault("decision", pass_context(decision))

    def parse(self, parser: Parser) -> nodes.Node:
        """Read one tag, up to its end."""
        line = next(parser.stream).lineno
        placement = parser.parse_expression()
        if parser.stream.skip_if("name:as"):
            name = parser.parse_assign_target(name_only=True)
            body = parser.parse_statements(("name:endoffer",), drop_needle=True)
            content = self._call("_content", placement, line)
            return nodes.With([name], [content], body, lineno=line)
        method = "_fragment" if parser.stream.skip_if("name:esi") else "_offer"
        html = nodes.MarkSafe(
            self._call(method, placement, line)
        )  # a template's own output, or a tag of ours
        return nodes.Output([html], lineno=line)

    def _call(self, method: str, placement: nodes.Expr, line: int) -> nodes.Expr:
        arguments: list[nodes.Expr] = [nodes.ContextReference(), placement]
        return self.call_method(method, arguments, lineno=line)

    def _content(self, context: Context, placement: str) -> dict[str, Any]:
        shown = decision(context, placement)
        page_of(context).exposed(placement)
        return shown.content

    def _fragment(self, context: Context, placement: str) -> str | Awaitable[str]:
        page = page_of(context)
        page.certified(placement)  # so that a wrong name is told here, and not by a hole in the page
        tag = None if page.esi is None else page.esi.tag(placement)
        return self._offer(context, placement) if tag is None else tag

    def _offer(self, context: Context, placement: str) -> str | Awaitable[str]:
        names = names_for(page_of(context), placement)
        template = offer_template(self.environment, placement)
        return template.render_async(names) if self.environment.is_async else template.render(names)


class Names(Protocol):
    """The names of a template: a context of Jinja2 or Django, or a mapping."""

    def get(self, key: str, /) -> Any: ...


def page_of(context: Names) -> Page:
    """The page of the request that a template is rendered for.

    Globals of a Jinja2 environment do not count, such as Flask's `request`: a template that is imported without its
    context is rendered once, for whoever came first, and kept for all.

    Args:
        context: The template's names: the page is `discreet` among them, or `request` leads to it, as Starlette's,
            FastAPI's, Flask's and Django's do.
    Raises:
        NoPage: it is not there.
    """
    for page in _places(context):
        if isinstance(page, Page):
            return page
    raise NoPage(
        "a template asks for an offer, but there is no page: wrap the application in `Personalized`, "
        "give the template `request`, or `discreet`, and import it `with context`"
    )


def _given(context: Names, name: str) -> Any:
    """What the template was given as `name`; None when the environment has it for every template."""
    value = context.get(name)
    if isinstance(context, Context):
        names: dict[str, Any] = context.environment.globals
        if value is names.get(name):
            return None
    return value


def _places(context: Names) -> Iterator[object]:
    yield _given(context, "discreet")
    request = _given(context, "request")
    yield getattr(getattr(request, "state", None), "discreet", None)
    scope = getattr(request, "scope", None)
    if isinstance(scope, Mapping):
        yield (scope.get("state") or {}).get("discreet")
    environ = getattr(request, "environ", None)
    if isinstance(environ, Mapping):
        yield environ.get("discreet.page")


def decision(context: Context, placement: str) -> Shown:
    """The decision for `placement` on this page: a template's `decision("home.hero")`.

    Raises:
        NoPage: the template is not rendered for a page.
        NotEscaping: the template escapes nothing, or not here.
        UnknownPlacement: the bundle has no such placement.
    """
    if not context.eval_ctx.autoescape:
        raise NotEscaping(f"the template `{context.name}` {UNESCAPED}")
    return Shown(page_of(context).decision(placement))
