"""Offers in Jinja2 templates: the tag, the function, and what visitors wrote into them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import DictLoader, Environment, TemplatesNotFound, TemplateSyntaxError, select_autoescape

from discreet import UnknownPlacement
from discreet.adapters import NoPage, NotEscaping, Page
from discreet.adapters.jinja import OfferExtension, page_of
from discreet.adapters.page_content import escaping
from discreet.adapters.wsgi import Personalized
from support.pages import (
    HOSTILE,
    ITALY,
    NOW_S,
    TEMPLATES,
    agreed,
    asked_wsgi,
    bundles,
    environment,
    incoming_of,
    profile_cookie,
    visitors,
)  # fmt: skip

ADA = (agreed(profile_cookie({"purchases": 3, "first_name": "Ada"})), ITALY)


def page_for(*headers: tuple[str, str]) -> Page:
    served = bundles().current
    return Page(served, visitors().visit(served.evaluator, incoming_of(*headers)))


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def enable_async(request: pytest.FixtureRequest) -> bool:
    chosen: bool = request.param
    return chosen


def rendered(text: str, enable_async: bool = False, page: Page | None = None, **names: Any) -> str:
    """`text` rendered for Ada's page."""
    engine = environment({"page.html": text}, enable_async=enable_async)
    template = engine.get_template("page.html")
    names = {"discreet": page or page_for(*ADA), **names}
    return asyncio.run(template.render_async(names)) if enable_async else template.render(names)


def test_the_tag_renders_the_placements_own_template(enable_async: bool) -> None:
    assert rendered('{% offer "page.footer" %}', enable_async) == "<footer>imprint at page.footer</footer>"


def test_or_else_the_default_one(enable_async: bool) -> None:
    assert rendered('{% offer "home.place" %}', enable_async) == '<p title="for_italy">for_italy</p>'


def test_the_placement_may_be_an_expression(enable_async: bool) -> None:
    text = '{% for each in ["place", "hero"] %}{% offer "home." ~ each %}{% endfor %}'

    assert rendered(text, enable_async) == (
        '<p title="for_italy">for_italy</p><p title="Thanks, Ada">Thanks, Ada</p>'
    )


def test_a_block_sees_the_content_and_the_page(enable_async: bool) -> None:
    text = '{% set a = "!" %}{% offer "home.hero" as hero %}{{ hero.title }}{{ a }}{{ b }}{% endoffer %}{{ hero }}'

    assert rendered(text, enable_async, b="?") == "Thanks, Ada!?"


def test_blocks_nest(enable_async: bool) -> None:
    inner = '{% offer "home.place" as b %}{{ a.title }}, {{ b.title }}{% endoffer %}'
    text = '{% offer "home.hero" as a %}' + inner + "{% endoffer %}"

    assert rendered(text, enable_async) == "Thanks, Ada, for_italy"


def test_a_decision_can_be_asked_for(enable_async: bool) -> None:
    text = '{{ decision("home.hero").offer }} {{ decision("home.hero").reason.value }}'

    assert rendered(text, enable_async) == "thanks matched"


def test_an_offers_template_does_not_see_the_pages_names() -> None:
    engine = environment(
        {"page.html": '{% offer "home.place" %}', "offers/home.place.html": "[{{ secret }}]"}
    )

    assert engine.get_template("page.html").render(discreet=page_for(), secret="x") == "[]"  # noqa: S106 - a name


def test_each_placement_is_decided_once_and_exposed() -> None:
    page = page_for(*ADA)
    rendered('{% offer "home.hero" %}{% offer "home.hero" as h %}{% endoffer %}', page=page)

    assert [*page.made] == ["home.hero"]


class Seen(HTMLParser):
    """The elements of a page, and the values of their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.values: list[str | None] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.values += [value for _, value in attrs]


@pytest.mark.parametrize(
    "text",
    [
        '{% offer "home.hero" %}',
        '{% offer "home.hero" as o %}<p title="{{ o.title }}">{{ o.title }}</p>{% endoffer %}',
        "{% offer \"home.hero\" as o %}<p title='{{ o.title }}'>{{ o.title }}</p>{% endoffer %}",
        '<p title="{{ decision("home.hero").content.title }}">{{ decision("home.hero").content }}</p>',
    ],
)
@pytest.mark.parametrize(
    "wrote", [HOSTILE, "' onmouseover='alert(1)", '" autofocus onfocus="x', "<esi:include/>"]
)
def test_what_a_visitor_wrote_stays_text(text: str, wrote: str, enable_async: bool) -> None:
    page = page_for(agreed(profile_cookie({"purchases": 1, "first_name": wrote})))
    seen = Seen(rendered(text, enable_async, page))

    assert seen.tags == ["p"]
    assert seen.values == [f"Thanks, {wrote}"]


def test_in_a_script_it_stays_text_too() -> None:
    page = page_for(agreed(profile_cookie({"purchases": 1, "first_name": "</script><b>"})))
    text = '<script>{% offer "home.hero" as o %}x = {{ o | tojson }}{% endoffer %}</script>'

    assert Seen(rendered(text, page=page)).tags == ["script"]


@pytest.mark.parametrize("text", ['{% offer "home.heroo" %}', '{% offer "home.heroo" as x %}{% endoffer %}',
                                  '{% offer "home.heroo" esi %}', '{{ decision("home.heroo") }}'])  # fmt: skip
def test_an_unknown_placement_is_named_with_the_nearest(text: str, enable_async: bool) -> None:
    with pytest.raises(UnknownPlacement, match=r"unknown placement `home\.heroo`; did you mean `home\.hero`"):
        rendered(text, enable_async)


def test_a_missing_template_names_both(enable_async: bool) -> None:
    engine = Environment(
        loader=DictLoader({"x": '{% offer "home.place" %}'}),
        extensions=[OfferExtension],
        autoescape=True,
        enable_async=enable_async,
    )
    with pytest.raises(TemplatesNotFound, match=r"offers/home\.place\.html.*offers/default\.html"):
        engine.get_template("x").render(discreet=page_for())


@pytest.mark.parametrize(
    "text",
    ["{% offer %}", '{% offer "home.hero" as %}', '{% offer "home.hero" as x %}', '{% offer "home.hero" what %}',
     '{% offer "home.hero" as x esi %}{% endoffer %}'],
)  # fmt: skip
def test_a_tag_that_is_none_is_refused_when_the_template_is_read(text: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        environment().from_string(text)


def test_an_environment_that_escapes_nothing_is_refused() -> None:
    with pytest.raises(NotEscaping, match="autoescape"):
        Environment(extensions=[OfferExtension])  # noqa: S701 - that is the point


@pytest.mark.parametrize(
    "text", ['{% offer "home.hero" as x %}{{ x.title }}{% endoffer %}', '{% offer "home.hero" %}']
)
def test_a_template_that_escapes_nothing_is_refused(text: str) -> None:
    loader = DictLoader({"page.txt": text, "offers/home.hero.html": "{{ offer.title }}"})
    escaping = select_autoescape(enabled_extensions=() if "as" not in text else ("html",))
    engine = Environment(loader=loader, extensions=[OfferExtension], autoescape=escaping)  # noqa: S701 - refused

    with pytest.raises(
        NotEscaping, match=r"the template `(page\.txt|offers/home\.hero\.html)` escapes nothing"
    ):
        engine.get_template("page.txt").render(discreet=page_for())


UNESCAPING = select_autoescape(enabled_extensions=("html",))


def pages(**templates: str) -> Environment:
    """An environment that escapes in `*_html`, and in nothing else."""
    loader = DictLoader({name.replace("_", "."): text for name, text in templates.items()} | TEMPLATES)
    return Environment(loader=loader, extensions=[OfferExtension], autoescape=UNESCAPING)  # noqa: S701 - the point


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("page_txt", '{{ decision("home.hero").content.title }}'),
        ("page_html", '{% autoescape false %}{{ decision("home.hero").content.title }}{% endautoescape %}'),
        ("page_html", '{% autoescape false %}{% offer "home.hero" as o %}{% endoffer %}{% endautoescape %}'),
    ],
)
def test_where_nothing_is_escaped_no_decision_is_handed_out(name: str, text: str) -> None:
    with pytest.raises(NotEscaping, match="escapes nothing"):
        pages(**{name: text}).get_template(name.replace("_", ".")).render(discreet=page_for())


@pytest.mark.parametrize(
    "templates",
    [
        {"page_html": '{% offer "home.hero" as o %}{% include "card.txt" %}{% endoffer %}',
         "card_txt": "<p>{{ o.title }}</p>"},
        {"page_html": '{% offer "home.hero" as o %}{% autoescape false %}<p>{{ o.title }}</p>{% endautoescape %}'
                      "{% endoffer %}"},
        {"page_html": '{% set made = decision("home.hero") %}{% include "card.txt" %}',
         "card_txt": "<p>{{ made.content.title }}</p>"},
        {"page_html": '{% offer "home.hero" as o %}{% include "card.txt" %}{% endoffer %}',
         "card_txt": '<p>{{ "" ~ o.title }}</p>'},
        {"page_html": '{% offer "home.hero" as o %}{% include "card.txt" %}{% endoffer %}',
         "card_txt": "<p>{{ o }}</p>"},
        {"page_html": '{% offer "home.hero" as o %}<p>{{ o.title | safe }}</p>{% endoffer %}'},
    ],
)  # fmt: skip
def test_what_is_handed_on_escapes_itself(templates: dict[str, str]) -> None:
    page = page_for(agreed(profile_cookie({"purchases": 1, "first_name": HOSTILE})))

    assert Seen(pages(**templates).get_template("page.html").render(discreet=page)).tags == ["p"]


def test_an_offers_own_template_hands_on_what_escapes_itself() -> None:
    page = page_for(agreed(profile_cookie({"purchases": 1, "first_name": HOSTILE})))
    loader = DictLoader(
        {
            "page.html": '{% offer "home.hero" %}',
            "offers/home.hero.html": '{% include "card.txt" %}',
            "card.txt": "<p>{{ offer.title }}</p><p>{{ decision.content.title }}</p>",
        }
    )
    engine = Environment(loader=loader, extensions=[OfferExtension], autoescape=UNESCAPING)  # noqa: S701 - the point

    assert Seen(engine.get_template("page.html").render(discreet=page)).tags == ["p", "p"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{{ o.title }}", "Thanks, A&amp;B"),
        ("{{ o.title | upper }}", "THANKS, A&amp;B"),
        ("{{ o.title | e }}", "Thanks, A&amp;B"),
        ("{{ o.title ~ '!' }}", "Thanks, A&amp;B!"),
        ("{{ [o.title, '<'] | join(', ') }}", "Thanks, A&amp;B, &lt;"),
        ("{{ o.title | replace('A', '<') }}", "Thanks, &lt;&amp;B"),
        ("{{ o.title | tojson }}", '"Thanks, A\\u0026B"'),
        ("{{ o.title | length }}", "11"),
        ("{{ o.title == 'Thanks, A&B' }}", "True"),
        ("{{ o.title | urlencode }}", "Thanks%2C%20A%26B"),
    ],
)
def test_it_is_escaped_once_and_else_as_it_was_decided(text: str, shown: str, enable_async: bool) -> None:
    page = page_for(agreed(profile_cookie({"purchases": 1, "first_name": "A&B"})))

    assert rendered(f'{{% offer "home.hero" as o %}}{text}{{% endoffer %}}', enable_async, page) == shown


def test_what_an_offer_holds_in_depth_escapes_itself_too() -> None:
    content = escaping({"list": ["<", {"deep": ["<"]}], "n": 3, "no": None})

    assert str(content["list"][0]) == str(content["list"][1]["deep"][0]) == "&lt;"
    assert (f"{content['list'][0]:>5}", "<" not in f"{content['list']}") == (" &lt;", True)
    assert content == {"list": ["<", {"deep": ["<"]}], "n": 3, "no": None}


def test_a_page_among_the_globals_is_not_taken() -> None:
    """What is imported without its context is rendered once, and kept for all."""
    engine = environment(
        {
            "heroes.html": '{% set hero = decision("home.hero") %}{% macro show() %}{{ hero.offer }}{% endmacro %}',
            "page.html": '{% from "heroes.html" import show %}{{ show() }}',
            "with.html": '{% from "heroes.html" import show with context %}{{ show() }}',
        }
    )
    names: dict[str, Any] = engine.globals
    for name, value in (
        ("request", SimpleNamespace(environ={"discreet.page": page_for(*ADA)})),
        ("discreet", page_for(*ADA)),
    ):
        names[name] = value
        with pytest.raises(NoPage, match="with context"):
            engine.get_template("page.html").render()
        with pytest.raises(NoPage):
            engine.get_template("page.html").render(discreet=page_for())  # the module would be kept
        del names[name]

    assert engine.get_template("with.html").render(discreet=page_for(*ADA)) == "thanks"
    assert engine.get_template("with.html").render(discreet=page_for()) == "welcome"


def test_in_flask_a_module_keeps_nobodys_offer() -> None:
    from flask import Flask, render_template

    app = Flask(__name__)
    app.jinja_env.add_extension("discreet.adapters.jinja.OfferExtension")
    heroes = '{% set hero = decision("home.hero") %}{% macro show() %}{{ hero.offer }}{% endmacro %}'
    app.jinja_env.loader = DictLoader(
        {
            "heroes.html": heroes,
            "home.html": '{% from "heroes.html" import show %}{{ show() }}',
            "with.html": '{% from "heroes.html" import show with context %}{{ show() }}',
        }
    )
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.add_url_rule("/<name>", view_func=lambda name: render_template(f"{name}.html"), endpoint="page")
    given: dict[str, Any] = {"bundles": bundles(), "visitors": visitors(), "clock_s": lambda: NOW_S}
    site = Personalized(app.wsgi_app, **given)

    with pytest.raises(NoPage, match="with context"):
        asked_wsgi(site, *ADA, path="/home")
    assert [asked_wsgi(site, *who, path="/with").text for who in (ADA, (), ADA)] == [
        "thanks",
        "welcome",
        "thanks",
    ]


def test_a_template_without_a_page_is_told_so(enable_async: bool) -> None:
    engine = environment({"page.html": '{% offer "home.hero" %}'}, enable_async=enable_async)

    with pytest.raises(NoPage, match="Personalized"):
        engine.get_template("page.html").render(request=SimpleNamespace(), discreet="another thing")


@pytest.mark.parametrize(
    "request_of",
    [
        lambda page: SimpleNamespace(state=SimpleNamespace(discreet=page)),
        lambda page: SimpleNamespace(scope={"state": {"discreet": page}}),
        lambda page: SimpleNamespace(environ={"discreet.page": page}),
    ],
    ids=["Starlette's", "Django's under ASGI", "Flask's and Django's"],
)
def test_the_page_is_found_by_the_request(request_of: Any) -> None:
    page = page_for()

    assert page_of({"request": request_of(page)}) is page


def test_a_name_that_the_application_took_stays_its_own() -> None:
    engine = Environment(autoescape=True)
    names: dict[str, Any] = engine.globals
    names["decision"] = "mine"
    engine.add_extension(OfferExtension)

    assert engine.from_string("{{ decision }}").render() == "mine"


def test_without_jinja2_the_extra_is_named() -> None:
    code = (
        "import sys; sys.modules['jinja2'] = None\n"
        "import discreet.adapters.asgi, discreet.adapters.wsgi\n"
        "import discreet.adapters.jinja\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (
        'MissingExtra: rendering offers in Jinja2 templates needs the extra `pages`: pip install "discreet[pages]"'
        in (ran.stderr)
    )


def test_the_offers_templates_of_these_tests_exist() -> None:
    assert set(TEMPLATES) <= set(environment().list_templates())
