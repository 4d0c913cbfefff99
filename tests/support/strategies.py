"""Generated models, visitors, consents and clocks, for the promises.

Everything draws from small pools, so that generated conditions often meet the values of generated visitors, and
their bounds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from discreet_consent import Consent, Observed

from .reference import declarations_of
from .vectors.cases import BUNDLE

Document = dict[str, Any]

NOW_S = 1_772_323_200  # 2026-03-01T00:00:00Z
NOW_MS = NOW_S * 1_000
DAY_MS = 86_400_000

PURPOSES = (
    "essential.service",
    "personalize.content.profiled",
    "personalize.content.limited",
    "personalize",
    "analytics",
    "analytics.reporting",
)
GRANTS = (*PURPOSES, "essential", "personalize.content", "analytics.rep", "", "marketing")
STRANGERS = ("stranger", "N0", "", "offer")
ITEMS = ("health", "religion")  # the sensitive items that declarations ask for
RETENTIONS = {"10s": 10, "2m": 120, "1d": 86_400}

_NUMBERS = (-1, 0, 0.5, 1, 2, 10)
_TEXTS = ("", "a", "ab", "b", "aB", "\u00e9", "ba")
_DATES = ("2026-03-01", "2026-02-28T12:00Z", "2026-02-01", "1970-01-01")
_DAYS = (-1, 0, 0.5, 1, 28)

_SOUND: Mapping[str, Sequence[object]] = {
    "number": (*_NUMBERS, -0.0, 1.0, 0.25, 3, 1e300, 2**53 + 1, 10**30),
    "string": (*_TEXTS, "A", "AB", "e\u0301", "xab", "abx"),
    "boolean": (False, True),
    "strings": ([], ["a"], ("b",), {"a", "b"}, frozenset({"ab", ""}), ["A", "e\u0301"], ["a", "ab", "b"], ["aB", "ba"]),
    "datetime": (*_DATES, NOW_MS, NOW_MS - DAY_MS, NOW_MS - DAY_MS // 2, float(NOW_MS + DAY_MS), 0, 8.64e15),
}  # fmt: skip
WRONG: Sequence[object] = (
    None, "1", 1, True, float("nan"), float("inf"), float("-inf"), 10**400, "\ud800", "x" * 1_025, b"a",
    object(), {}, {"a": 1}, [1], [None], (), 1j, range(3), NOW_MS * 10_000, "yesterday",
    Observed(Observed(1, at_s=0), at_s=0),
)  # fmt: skip


@cache
def values(kind: str, retention: str | None) -> st.SearchStrategy[object]:
    """Mostly sound values of an attribute; some wrong, some old, some unreadably observed."""
    kept = RETENTIONS.get(retention or "", 100)
    ages = (0, kept, kept + 0.125, kept - 1, -5, 10**9, 10**400, -(10**400))
    instants: list[Any] = [
        *(NOW_S - age for age in ages),
        float("nan"),
        float("inf"),
        -float("inf"),
        "now",
        None,
    ]
    sound = list(_SOUND[kind])
    observed = [Observed(value, at_s=at) for at in instants for value in (*sound[:3], *WRONG[:4])]
    return st.sampled_from([*sound * 6, *WRONG, *observed])


@st.composite
def catalogues(draw: st.DrawFn) -> Document:
    """Two to six attributes of every type, with purposes of their own, and substitutes of some."""
    names = draw(st.lists(st.sampled_from(sorted(_KINDS)), min_size=2, max_size=6, unique=True))
    declared = {name: draw(_declarations(name)) for name in names}
    coarse = {
        f"coarse_{name}": {"coarsens": name, "by": draw(st.sampled_from(_MANNERS[_KINDS[name]])),
                           "purposes": draw(st.sampled_from(_SOME_PURPOSES))}
        for name in names if _KINDS[name] in _MANNERS and draw(st.booleans())
    }  # fmt: skip
    both = {**declared, **coarse}
    return {name: both[name] for name in draw(st.permutations(sorted(both)))} if coarse else declared


_KINDS = {
    "b": "boolean", "c": "boolean", "d": "datetime", "l": "string", "m": "number", "n": "number",
    "s": "string", "t": "strings",
}  # fmt: skip


@st.composite
def _declarations(draw: st.DrawFn, name: str) -> Document:
    declared: Document = {
        "type": _KINDS[name],
        "provenance": draw(st.sampled_from(("contextual", "first_party", "declared"))),
        "purposes": draw(st.sampled_from(_SOME_PURPOSES)),
    }
    if draw(st.integers(0, 3)) == 3:
        declared["retention"] = draw(st.sampled_from(sorted(RETENTIONS)))
    if draw(st.integers(0, 3)) == 3:
        declared["sensitive"] = draw(st.sampled_from(ITEMS))
    if name == "l" or (name == "t" and draw(st.booleans())):
        declared["lower"] = True
    return declared


_MANNERS: Mapping[str, Sequence[Document]] = {
    "number": ({"decimals": 0}, {"decimals": 1}, {"bands": [0, 1, 2.5]}, {"bands": [1]}),
    "string": ({"characters": 1}, {"characters": 2}, {"network": True}),
}
_SOME_PURPOSES = [[one] for one in PURPOSES] + [
    [a, b] for n, a in enumerate(PURPOSES) for b in PURPOSES[n + 1 :]
]


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _lists(pool: Sequence[object]) -> list[str]:
    quoted = [_quoted(each) for each in pool]
    return [*quoted, *(f"{a}, {b}" for a, b in pairwise(quoted)), ", ".join(quoted[::2])]


def _compared(left: str, pool: Sequence[object]) -> list[str]:
    """Comparisons, chains and lists over something ordered."""
    literals = [_quoted(each) for each in pool]
    signs = ("==", "!=", "<", "<=", ">", ">=")
    plain = [f"{left} {sign} {literal}" for sign in signs for literal in literals]
    mirrored = [f"{literal} {sign} {left}" for sign in signs for literal in literals[:3]]
    chains = [
        f"{a} {s1} {left} {s2} {b}"
        for a in literals[:3]
        for b in literals[1:4]
        for s1 in ("<", "<=")
        for s2 in ("<", "<=")
    ]
    among = [f"{left} {word} [{some}]" for word in _IN for some in _lists(pool)]
    return [*plain, *mirrored, *chains, *among]


_IN = ("in", "not in")


def kind_of(name: str, attributes: Document) -> str:
    """The type of a declared attribute; a substitute has its parent's."""
    declared = attributes[name]
    kind: str = attributes[declared["coarsens"]]["type"] if "coarsens" in declared else declared["type"]
    return kind


@cache
def tests(name: str, kind: str) -> tuple[str, ...]:
    """Every operator that goes with one attribute, over the pools."""
    quoted = [_quoted(each) for each in _TEXTS]
    match kind:
        case "number":
            return tuple(_compared(name, _NUMBERS))
        case "datetime":
            return (*_compared(name, _DATES), *_compared(f"days_since({name})", _DAYS))
        case "boolean":
            return (name, f"{name} == True", f"{name} != True", f"{name} in [False]", f"{name} not in [True]")
        case "strings":
            functions = [
                f"{word}({name}, {some})" for word in ("any_of", "all_of") for some in _lists(_TEXTS)
            ]
            return (*(f"{text} {word} {name}" for word in _IN for text in quoted), *functions)
        case _:
            functions = [
                f"{word}({name}, {text})"
                for word in ("starts_with", "ends_with", "contains")
                for text in quoted
            ]
            equal = [f"{name} {sign} {text}" for sign in ("==", "!=") for text in quoted]
            among = [f"{name} {word} [{some}]" for word in _IN for some in _lists(_TEXTS)]
            return (*equal, *functions, *among)


@st.composite
def expressions(
    draw: st.DrawFn, attributes: Document, conditions: Sequence[str], waivers: bool, depth: int
) -> str:
    """A nested condition over `attributes` and the named `conditions`; with `waivers` also `unknown(...)`."""
    shape = draw(st.integers(0, 9 if depth else 4))
    if shape <= 4:
        name = draw(st.sampled_from([*attributes, *conditions]))
        if name in conditions:
            return name
        if shape == 4:
            return f"{draw(st.sampled_from(('known', 'unknown') if waivers else ('known',)))}({name})"
        return draw(st.sampled_from(tests(name, kind_of(name, attributes))))
    inner = expressions(attributes, conditions, waivers, depth - 1)
    if shape == 5:
        return f"not ({draw(inner)})"
    word = " and " if shape < 8 else " or "
    return word.join(f"({draw(inner)})" for _ in range(draw(st.integers(2, 3))))


@st.composite
def whens(
    draw: st.DrawFn,
    attributes: Document,
    conditions: Sequence[str] = (),
    *,
    waivers: bool = False,
    depth: int = 2,
) -> Any:
    """The forms of `when:`."""
    inner = expressions(attributes, conditions, waivers, depth)
    form = draw(st.integers(0, 5))
    if form <= 2:
        return draw(inner)
    parts = [draw(inner) for _ in range(draw(st.integers(1, 3)))]
    return {3: parts, 4: {"any": parts}, 5: [{"any": parts}, {"all": [draw(inner)]}]}[form]


_MOMENTS = (
    "2026-02-28T00:00:00Z",
    "2026-03-01T00:00:00Z",
    "2026-03-01T00:00:00.250Z",
    "2026-03-02T00:00:00Z",
)
_WINDOWS: Sequence[Document] = (
    *({} for _ in range(8)),
    *({"from": moment} for moment in _MOMENTS),
    *({"until": moment} for moment in _MOMENTS),
    *({"from": a, "until": b} for n, a in enumerate(_MOMENTS) for b in _MOMENTS[n + 1 :]),
)
_TOKENS = ("plain", "{n|none}", "Hi {s|you}!", "{{{b|x}}}", "{l|}{m|0}", "{coarse_n|some}", "{coarse_s|s}")


@st.composite
def models(draw: st.DrawFn, attributes: Document, name: str = "web", *, waivers: bool = False) -> Document:
    """One model over `attributes`: conditions, stages, offers, windows, placements."""
    conditions: Document = {}
    for number in range(draw(st.integers(0, 2))):
        made = draw(whens(attributes, sorted(conditions), depth=1))
        conditions[f"c{number}"] = {"says": "It is so", "when": made}
    entries = [draw(whens(attributes, sorted(conditions), depth=1)) for _ in range(draw(st.integers(0, 2)))]
    stages = [
        {"id": "s0"},
        *({"id": f"s{number}", "when": when} for number, when in enumerate(entries, start=1)),
    ]
    slots = [f"{name}.{number}" for number in range(draw(st.integers(1, 2)))]
    texts = [text for text in _TOKENS if _fits(text, attributes)]
    offers: list[Document] = [{"id": "fallback", "content": {"text": "nothing"}}]
    for number in range(draw(st.integers(1, 6))):
        offer: Document = {
            "id": draw(st.sampled_from(("o", "O", "o-"))) + str(number),
            "placements": draw(st.sampled_from([slots, slots[:1], slots[-1:]])),
            "priority": draw(st.sampled_from((0, 0, 1, -1, 50))),
            "content": {"text": draw(st.sampled_from(texts)), "kept": [10.0, False, ""]},
        }
        if draw(st.integers(0, 5)):
            offer["when"] = draw(whens(attributes, sorted(conditions), waivers=waivers))
        if "unknown(" in repr(offer.get("when", "")):
            offer["waive"] = "withdrawal"
        if window := draw(st.sampled_from(_WINDOWS)):
            offer["valid"] = window
        if draw(st.booleans()):
            ids = [stage["id"] for stage in stages]
            offer["stages"] = [each for each in ids if draw(st.booleans())] or [ids[-1]]
        offers.append(offer)
    return {
        "model": name, "channel": name, "attributes": attributes, "conditions": conditions, "stages": stages,
        "placements": {slot: {"fallback": "fallback"} for slot in slots}, "offers": offers,
    }  # fmt: skip


def _fits(text: str, attributes: Document) -> bool:
    names = [part.partition("|")[0] for part in text.split("{")[1:] if "|" in part]
    return all(name in attributes for name in names)


@st.composite
def bundles(draw: st.DrawFn, *, waivers: bool = False) -> list[Document]:
    """The documents of one bundle: one model, or two that share their attributes."""
    attributes = draw(catalogues())
    made = [draw(models(attributes, waivers=waivers))]
    if draw(st.integers(0, 3)) == 0:
        made.append(draw(models(attributes, "mail", waivers=waivers)))
    return made


@st.composite
def visitors(draw: st.DrawFn, attributes: Document) -> dict[str, object]:
    """What a caller knows: some declared attributes, and some that nobody declared."""
    known: dict[str, object] = {}
    for name, declared in attributes.items():
        if draw(st.integers(0, 3)):
            known[name] = draw(values(declared["type"], declared.get("retention")))
    stranger = draw(st.sampled_from((None, *STRANGERS)))
    return known if stranger is None else {**known, stranger: draw(st.sampled_from(WRONG))}


def grants() -> st.SearchStrategy[frozenset[str]]:
    """Sets of granted keys: exact ones, prefixes, near misses; often everything."""
    some = st.frozensets(st.sampled_from(GRANTS), max_size=4)
    return some | st.just(frozenset({"personalize", "analytics"}))


@st.composite
def consents(draw: st.DrawFn) -> Consent:
    """Stated consents: purposes, sensitive items; some of them known children's."""
    return Consent(
        draw(grants()),
        sensitive=draw(st.frozensets(st.sampled_from((*ITEMS, "genetic")))),
        contextual_only=draw(st.integers(0, 5)) == 5,
    )


CLOCKS: st.SearchStrategy[float] = st.sampled_from(
    [
        *[NOW_S] * 4, NOW_S + 0.25, NOW_S - 0.001, NOW_S + 86_400, NOW_S - 86_400, float(NOW_S), NOW_S + 0.5, 0, -1,
        BUNDLE["expires_s"], BUNDLE["expires_s"] - 0.5,
    ]
)  # fmt: skip
WILD_CLOCKS: st.SearchStrategy[float] = st.one_of(
    CLOCKS,
    st.floats(),
    st.integers(),
    st.sampled_from([10**400, -(10**400), -62_135_596_800, -62_135_596_801]),
)


def attributes_of(documents: Sequence[Document]) -> Document:
    """The catalogue of a bundle's documents; substitutes with all that they have from their parents."""
    return {name: dict(declared) for name, declared in declarations_of(documents).items()}


def placements_of(documents: Sequence[Document]) -> list[str]:
    """All placements of a bundle's documents."""
    return [placement for model in documents for placement in model["placements"]]
