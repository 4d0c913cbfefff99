"""An explanation in words that a privacy officer can paste into a report.

The outcome first, then what each signal said, then what decided, and until when. One paragraph or item is one line:
whoever prints it breaks the lines. It holds no text of a signal and no value of an attribute.
"""

from __future__ import annotations

from .explanation import instant
from .purposes import DATA_USES, TCF_DATA_USES, covers
from .regimes.rules import SENSITIVE_TERM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from .explanation import Explanation, Ruling, Said

SOURCES = {
    "tcf": "the TC string",
    "gpp": "the GPP string",
    "us_privacy": "the US Privacy string",
    "gpc": "the Global Privacy Control",
    "consent_mode": "Google's consent mode",
    "gcs": "Google's consent mode (`gcs`)",
    "gcd": "Google's consent mode (`gcd`)",
    "cmp": "a consent tool's cookie",
    "onetrust": "OneTrust",
    "onetrust_closed": "OneTrust's time of the choice",
    "cookiebot": "Cookiebot",
    "cookieyes": "CookieYes",
    "didomi": "Didomi",
    "commanders_act": "Commanders Act",
    "age": "the visitor's age",
}
SENSITIVE_WORDS = {  # where a blank for each underscore would not do
    "race_ethnicity": "race or ethnicity",
    "citizenship_immigration": "citizenship or immigration status",
    "genetic": "genetic data",
    "biometric": "biometric data",
    "precise_geolocation": "precise location",
    "government_id": "government identifiers",
    "financial_account": "financial accounts",
    "transgender_nonbinary": "transgender or nonbinary status",
    "crime_victim": "status as a victim of crime",
    "criminal_record": "criminal records",
    "device_scanning": "scanning of the device",
}
_STATED = "argument"  # the carrier of what the caller stated
_STATUS = {
    "read": "read.",
    "absent": "came with a value that counts as absent.",
    "not_heard": "not heard: the rules of this region do not look at it.",
    "replaced": "replaced by a newer choice of the same kind.",
}
_NOTHING = "nothing but what is essential"
_OF_NO_GROUP = "refused no group that has a meaning here"  # a reason that tells a reader nothing
TCF_PURPOSES = {
    1: "store or access information on a device",
    2: "use limited data to select advertising",
    3: "create profiles for personalised advertising",
    4: "use profiles to select personalised advertising",
    5: "create profiles to personalise content",
    6: "use profiles to select personalised content",
    7: "measure advertising performance",
    8: "measure content performance",
    9: "understand audiences through statistics",
    10: "develop and improve services",
    11: "use limited data to select content",
}
_EXPLAINED = {
    "gpc": "a browser setting, sent as Sec-GPC: 1, that asks sites not to sell or share personal data"
}
_FOOT = (
    '"Essential" is what the site cannot do without. '
    "This is what the rules make of the signals, not legal advice."
)
# How each rule reads, before the list of what it decided; `{by}` is who decided.
RULE_WORDS = {
    "unreadable": "Not allowed, because a signal cannot be read or relied on, which refuses everything ({by})",
    "refused": "Not allowed, because it is refused by {by}",
    "not_in_force": "Not allowed, because {by} does not count here, and what does not count allows nothing",
    "granted": "Allowed by {by}, and refused by nothing",
    "default": "Allowed, because the regime allows it until the visitor objects, and no signal does",
    "not_granted": "Not allowed, because the regime asks for a signal that allows it, and none does",
    "disagreement": "Not allowed, because signals of one kind disagree on it ({by})",
    "child": "Not allowed, because the visitor is known to be a child ({by})",
    "region": "Not allowed, because the region is not known, and not every regime would allow it",
    "essential": "Allowed, because it is essential, which needs no consent",
}
_STATED_RULES = {
    True: "Allowed, because the caller stated it",
    False: "Not allowed, because the caller did not state it",
}


def lines(explained: Explanation, asked: Iterable[str] = ()) -> Iterator[str]:
    """The explanation, line by line; what decided the terms `asked` stands right after the outcome."""
    yield _heading(explained)
    yield ""
    yield from _outcome(explained)
    for title, part in (
        ("What was asked:", [_answer(explained.ruling(term), explained) for term in asked]),
        ("What each signal said:", [*_signals(explained)]),
        ("What decided:", [*_decided(explained)]),
    ):
        if part:
            yield ""
            yield title
            yield from part
    if explained.policy_version is not None:
        yield ""
        yield from _limits(explained)
        yield _FOOT


def in_words(term: str) -> str:
    """A data use with the purpose of the TCF behind it; a sensitive item in plain words."""
    item = term.removeprefix(SENSITIVE_TERM)
    if item != term:
        return f"sensitive data: {sensitive_in_words(item)}"
    purpose = next((number for number, uses in TCF_DATA_USES.items() if term in uses), None)
    return term if purpose is None else f"{term} (TCF purpose {purpose})"


def _in_full(term: str, named: set[int]) -> str:
    """The same, with the name of the TCF's purpose where it is the first of this text: `named` keeps which were."""
    purpose = next((number for number, uses in TCF_DATA_USES.items() if term in uses), None)
    if purpose is None or purpose in named:
        return in_words(term)
    named.add(purpose)
    return f"{term} (TCF purpose {purpose}: {TCF_PURPOSES[purpose]})"


def sensitive_in_words(item: str) -> str:
    """A sensitive item in plain words: `precise location`."""
    return SENSITIVE_WORDS.get(item, item.replace("_", " "))


def _listed(terms: Iterable[str], named: set[int]) -> str:
    """Data uses, then sensitive items in words; the purposes of the TCF that are not in `named` by name."""
    terms = list(terms)
    uses = ", ".join(_in_full(term, named) for term in terms if not term.startswith(SENSITIVE_TERM))
    items = [term.removeprefix(SENSITIVE_TERM) for term in terms if term.startswith(SENSITIVE_TERM)]
    sensitive = "sensitive data: " + ", ".join(map(sensitive_in_words, items)) if items else ""
    return "; ".join(part for part in (uses, sensitive) if part)


def _heading(explained: Explanation) -> str:
    if explained.policy_version is None:
        return f"Consent as the caller stated it (regime {explained.regime})."
    where = f"the region {explained.region.upper()}" if explained.region else "no region that is known"
    day = instant(explained.judged_s)
    judged = f" on {day[:10]} (UTC)" if day else ", by a clock that is none"
    rules = (
        f"under the regime {explained.regime}"
        if explained.regime != "unknown"
        else "under every regime at once"
    )
    return (
        f"Consent judged{judged} for {where}, {rules} (table of {explained.policy_version or 'no version'})."
    )


def _outcome(explained: Explanation) -> Iterator[str]:
    yield f"Allowed: {', '.join(_outermost(explained.purposes)) or _NOTHING}."
    if not explained.purposes:
        yield "Not allowed: everything else."
    elif widest := _wholly_refused(explained):
        yield f"Not allowed: {', '.join(widest)}."
    if explained.sensitive:
        yield f"Sensitive data allowed: {', '.join(map(sensitive_in_words, explained.sensitive))}."
    if explained.purposes or explained.sensitive:
        yield f"No {'other ' if explained.sensitive else ''}sensitive data is allowed."
    for said in explained.unreadable:
        yield f"Could not be read or relied on: {_name(said)}. That counts as a refusal of everything."
    if explained.contextual_only:
        yield "The visitor is known to be a child: beside what is essential, only contextual facts may be known."


def _wholly_refused(explained: Explanation) -> list[str]:
    """The widest keys of the refused ones of which nothing at all is granted."""
    refused = (each.term for each in explained.rulings if not each.granted)
    widest = {
        _widest(term, explained.purposes, None) for term in refused if not term.startswith(SENSITIVE_TERM)
    }
    return _outermost(widest)


def _outermost(keys: Collection[str]) -> list[str]:
    """The keys that no other of them covers."""
    return sorted(key for key in keys if not any(key != other and covers(other, key) for other in keys))


def _limits(explained: Explanation) -> Iterator[str]:
    """Until when what is allowed holds; nothing where nothing is."""
    if not explained.purposes and not explained.sensitive:
        return
    until = instant(explained.expires_s)
    yield (
        "Nothing in the signals limits how long this holds."
        if until is None
        else f"This holds until {until}; then the signals must be judged again."
    )


def _answer(ruling: Ruling, explained: Explanation) -> str:
    return f"- {in_words(ruling.term)}: {_sentence(ruling, explained)}."


def _signals(explained: Explanation) -> Iterator[str]:
    absent = []
    counting = {by for each in explained.rulings if each.granted for by in each.by}
    for said in explained.signals:
        if said.status == "absent" and not said.carrier:
            absent.append(_name(said, explained=True))
            continue
        status = f"cannot be read or relied on ({said.problem})." if said.problem else _STATUS[said.status]
        yield f"- {_as_sentence(_name(said, explained=True), '')}: {status}"
        reasons = (reason.removeprefix(f"{said.source}: ") for reason in said.reasons)
        yield from (f"    {_as_sentence(reason)}" for reason in reasons if reason != _OF_NO_GROUP)
        if said.expires_s is not None and f"{said.source} ({said.carrier})" in counting:
            yield f"    It counts until {instant(said.expires_s)}."
    if absent:
        yield f"- Absent, which says nothing: {', '.join(absent)}."


def _decided(explained: Explanation) -> Iterator[str]:
    """One item for each rule, with all that it decided; what is allowed comes first."""
    groups: dict[str, list[Ruling]] = {}
    for ruling in sorted(explained.rulings, key=lambda each: not each.granted):  # stable: terms stay in order
        groups.setdefault(_sentence(ruling, explained), []).append(ruling)
    named: set[int] = set()
    for sentence, rulings in groups.items():
        yield f"- {sentence}: {_listed(_condensed(rulings, explained), named)}."
    yield "- What is essential is always allowed."


def _condensed(rulings: Iterable[Ruling], explained: Explanation) -> list[str]:
    """The terms of rulings of one kind; where nobody in particular decided, the widest keys that say the same."""
    rulings = tuple(rulings)
    terms = {each.term for each in rulings}
    if any(each.rule == "refused" for each in rulings):
        return sorted(terms, key=_uses_first)  # who refused, refused exactly these
    others = {each.term for each in explained.rulings} - terms
    ends = explained.purposes if rulings[0].granted else None
    widest = {_widest(term, others, ends) for term in terms}
    return sorted(_outermost(widest), key=_uses_first)


def _widest(term: str, others: Collection[str], granted: Collection[str] | None) -> str:
    """The widest key above `term` that touches none of `others`, and is granted where `granted` is stated."""
    words = term.split(".")
    for length in range(1, len(words)):
        key = ".".join(words[:length])
        is_same = granted is None or any(covers(grant, key) for grant in granted)
        if (
            is_same
            and key in DATA_USES
            and not any(covers(key, each) or covers(each, key) for each in others)
        ):
            return key
    return term


def _uses_first(term: str) -> tuple[bool, str]:
    return term.startswith(SENSITIVE_TERM), term


def _sentence(ruling: Ruling, explained: Explanation) -> str:
    if ruling.rule == "stated":
        return _STATED_RULES[ruling.granted]
    names = {f"{said.source} ({said.carrier})": _name(said) for said in explained.signals}
    return RULE_WORDS[ruling.rule].format(by=" and ".join(names.get(each, each) for each in ruling.by))


def _name(said: Said, *, explained: bool = False) -> str:
    name = SOURCES.get(said.source) or f"GPP section {said.source}"
    at = said.carrier.removeprefix(_STATED).removeprefix(", ")
    about = _EXPLAINED.get(said.source, "") if explained else ""
    within = "; ".join(part for part in (at, about) if part)
    return f"{name} ({within})" if within else name


def _as_sentence(reason: str, end: str = ".") -> str:
    return reason[:1].upper() + reason[1:] + ("" if reason.endswith(".") else end)
