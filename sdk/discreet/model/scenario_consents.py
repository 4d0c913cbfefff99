"""What a scenario's visitor consented to: stated, or as the signals that their browser sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from discreet_consent import SENSITIVE, Attribute
from discreet_consent.purposes import is_data_use

from ..errors import likely_uses
from .fields import check_keys, flag_of, has_surrogate, items_of, table_of, text_of
from .nodes import Broken, Node, Scalar, Table, plain
from .problems import Place, short
from .report import Report

SIGNAL_KEYS = ("tcf", "gpp", "us_privacy", "gpc", "consent_mode", "cookies", "age", "region")
STATED_KEYS = ("purposes", "sensitive")
OLDEST = 150
_FORMS = (
    "`all`, `none`, `{purposes: [...], sensitive: [...]}`, or what the browser sent: "
    f"`{{tcf: ..., region: ...}}`, with any of {', '.join(SIGNAL_KEYS)}"
)


@dataclass(frozen=True, slots=True)
class Stated:
    """A consent that grants exactly this. `all` has become every purpose and sensitive item that the models use."""

    purposes: tuple[str, ...]
    sensitive: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signalled:
    """A consent that is resolved from what the visitor's browser sent, at the scenario's own instant.

    Args:
        gpc: Whether the browser sent `Sec-GPC: 1`.
        consent_mode: Google's consent mode: `default` and `update`, each a mapping.
        cookies: Name to value, as the browser sent them.
        age: The visitor's age in years, where it is known.
    """

    tcf: str | None = field(default=None, repr=False)
    region: str | None = None
    gpp: str | None = field(default=None, repr=False)
    us_privacy: str | None = field(default=None, repr=False)
    gpc: bool = False
    consent_mode: Mapping[str, object] | None = field(default=None, repr=False)
    cookies: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    age: float | None = field(default=None, repr=False)


def read_consent(
    node: Node | None, attributes: Sequence[Attribute], report: Report, what: str
) -> Stated | Signalled | None:
    """The consent of the scenario `what`, over models with these attributes; None after a problem."""
    if isinstance(node, Scalar) and node.value in ("all", "none"):
        return _everything(attributes) if node.value == "all" else Stated(())
    if isinstance(node, Table):
        what = f"{what}: `consent`"
        stated = [key for key in STATED_KEYS if key in node.entries]
        sent = [key for key in SIGNAL_KEYS if key in node.entries]
        if stated and sent:
            message = f"{what} is stated (`{stated[0]}`) or comes from signals (`{sent[0]}`), not both"
            report.add(node.entries[sent[0]].key, "bad-consent", message)
            return None
        if stated:
            check_keys(node, report, what, ("purposes",), ("sensitive",))
            return _stated(node, report, what)
        check_keys(node, report, what, (), (*STATED_KEYS, *SIGNAL_KEYS))
        if not node.entries:
            report.add(node.place, "bad-consent", f"{what} says nothing; write `none`")
        return _signalled(node, report, what)
    if node is not None and not isinstance(node, Broken):
        report.add(node.place, "bad-consent", f"{what}: `consent` is {_FORMS}")
    return None


def _everything(attributes: Sequence[Attribute]) -> Stated:
    used = {purpose for each in attributes for purpose in each.purposes}
    items = {each.sensitive for each in attributes if each.sensitive is not None}
    return Stated(tuple(sorted(used)), tuple(sorted(items)))


def _stated(table: Table, report: Report, what: str) -> Stated:
    purposes = _words(table, "purposes", report, what)
    for purpose, place in purposes.items():
        if not is_data_use(purpose):
            message = (
                f"{what}: unknown purpose `{short(purpose)}`{report.hint(purpose, likely_uses(purpose))}"
            )
            report.add(place, "unknown-purpose", message)
    items = _words(table, "sensitive", report, what)
    for item, place in items.items():
        if item not in SENSITIVE:
            hint = report.hint(item, sorted(SENSITIVE))
            report.add(place, "unknown-word", f"{what}: no sensitive item `{short(item)}`{hint}")
    return Stated(tuple(sorted(purposes)), tuple(sorted(items)))


def _words(table: Table, key: str, report: Report, what: str) -> dict[str, Place]:
    """The different texts in a list, each with where it stands first."""
    node = table.get(key)
    words: dict[str, Place] = {}
    for each in () if node is None else items_of(node, report, f"{what}: `{key}`"):
        word = text_of(each, report, f"{what}: a word of `{key}`")
        if word is not None:
            words.setdefault(word, each.place)
    return words


def _signalled(table: Table, report: Report, what: str) -> Signalled:
    tcf, gpp, us_privacy, region = (
        _word(table.get(key), report, f"{what}: `{key}`") for key in ("tcf", "gpp", "us_privacy", "region")
    )
    gpc, mode = table.get("gpc"), table.get("consent_mode")
    state = None if mode is None else table_of(mode, report, f"{what}: `consent_mode`")
    return Signalled(
        tcf,
        None if region is None else region.strip(),
        gpp,
        us_privacy,
        gpc=gpc is not None and flag_of(gpc, report, f"{what}: `gpc`") is True,
        consent_mode=None
        if state is None
        else {key: plain(each.node) for key, each in state.entries.items()},
        cookies=_cookies(table.get("cookies"), report, f"{what}: `cookies`"),
        age=_age(table.get("age"), report, f"{what}: `age`"),
    )


def _word(node: Node | None, report: Report, what: str) -> str | None:
    text = None if node is None else text_of(node, report, what)
    if node is not None and text is not None and has_surrogate(text):
        report.add(node.place, "bad-text", f"{what} holds half of a surrogate pair")
    return text


def _cookies(node: Node | None, report: Report, what: str) -> dict[str, str]:
    table = None if node is None else table_of(node, report, what)
    read = {
        name: _word(entry.node, report, f"{what}: `{short(name)}`")
        for name, entry in ({} if table is None else table.entries).items()
    }
    return {name: value for name, value in read.items() if value is not None}


def _age(node: Node | None, report: Report, what: str) -> float | None:
    if node is None or isinstance(node, Broken):
        return None
    years = node.value if isinstance(node, Scalar) else None
    if type(years) in (int, float) and isinstance(years, int | float) and 0 <= years <= OLDEST:
        return years
    report.add(node.place, "wrong-type", f"{what} must be a number of years, from 0 to {OLDEST}")
    return None
