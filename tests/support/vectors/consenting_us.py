"""consent-us-sections.json: every value of every item of every section of the US, in its region and in wrong ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..gpp_strings import encode_gpp, us_fields, us_ids, us_section, us_versions
from .consenting import ConsentFile, Expected, case
from .consenting_texts import (
    ADVERTISING_NOTICES,
    NOW_S,
    OPT_OUTS,
    SENSITIVE_NOTICES,
    TCF_CONSENTING,
    Values,
    drafts,
    gpp_text,
    has_gpc,
    told_and_stayed,
    us_text,
)

ITEMS = ("SensitiveDataProcessing", "KnownChildSensitiveDataConsents")


def _region(name: str) -> str:
    return "US" if name == "usnat" else f"US-{name[2:].upper()}"


def _sections() -> Iterator[tuple[str, int]]:
    for name in us_ids():
        for version in us_versions(name):
            yield name, version


def _every_value() -> Iterator[Expected]:
    """Each item of each section at each value, the others as of a visitor who was told and stayed."""
    for name, version in _sections():
        yield _case(name, version, "told and stayed", {})
        yield _case(name, version, "all 0", _everywhere(name, version, 0))
        yield _case(name, version, "all 3", _everywhere(name, version, 3))
        for field, count in us_fields(name, version):
            for item in range(count):
                for value in range(4):
                    one = value if count == 1 else [value if at == item else 0 for at in range(count)]
                    if told_and_stayed(name, version).get(field) != one:
                        yield _case(
                            name, version, f"{field}{f'[{item}]' if count > 1 else ''} {value}", {field: one}
                        )


def _everywhere(name: str, version: int, value: int) -> dict[str, int | Sequence[int]]:
    return {field: value if count == 1 else [value] * count for field, count in us_fields(name, version)}


def _together() -> Iterator[Expected]:
    """Values that meet: notices with opt-outs and sensitive items, the GPC, all sensitive items at once."""
    for name, version in _sections():
        fields = dict(us_fields(name, version))
        sensitive: dict[str, int | Sequence[int]] = {
            "SensitiveDataProcessing": [2] * fields["SensitiveDataProcessing"]
        }
        yield _case(name, version, "all sensitive items 2", sensitive)
        for notice in SENSITIVE_NOTICES:
            for value in (0, 2, 3):
                if notice in fields:
                    yield _case(
                        name,
                        version,
                        f"all sensitive items 2, {notice} {value}",
                        {**sensitive, notice: value},
                    )
        stayed_out: dict[str, int | Sequence[int]] = {each: 0 for each in OPT_OUTS if each in fields}
        for notice in [each for each in ADVERTISING_NOTICES if each in fields]:
            yield _case(name, version, f"opt-outs 0, {notice} 2", {**stayed_out, notice: 2})
        for gpc in (True, None) if has_gpc(name) else ():
            yield _case(name, version, f"GPC {gpc}", {}, gpc=gpc)
            yield _case(name, version, f"all sensitive items 2, GPC {gpc}", sensitive, gpc=gpc)


def _case(name: str, version: int, what: str, values: Values, **told: Any) -> Expected:
    text = encode_gpp({us_ids()[name]: us_text(name, values, version=version, **told)})
    return case(f"{name} {version}: {what}", {"region": _region(name), "now_s": NOW_S, "gpp": text})


def _elsewhere() -> Iterator[Expected]:
    """Each section where it is not the region's own."""
    names = list(us_ids())
    for at, name in enumerate(names):
        text = gpp_text(name)
        neighbours = (_region(names[at - 1]), _region(names[(at + 1) % len(names)]))
        for region in dict.fromkeys(("US", "US-WY", *neighbours, "IT", "GB", None)):
            if region != _region(name):
                yield case(f"{name} in {region!r}", {"region": region, "now_s": NOW_S, "gpp": text})
        if name != "usnat":
            for beside in ("usnat", names[1 if at != 1 else 2]):
                text = gpp_text(*sorted({name, beside}, key=lambda each: us_ids()[each]))
                yield case(f"{name} beside {beside}", {"region": _region(name), "now_s": NOW_S, "gpp": text})


def _where_sensitive_differs() -> Iterator[Expected]:
    """The national section in states whose law treats sensitive items in another way."""
    for region, policy in (
        ("US-CA", None),
        ("US-UT", None),
        ("US-MD", None),
        ("US-TX", "never"),
        ("US-CA", "never"),
    ):
        for value in range(4):
            values = {"SensitiveDataProcessing": [value] * 16}
            text = encode_gpp({7: us_text("usnat", values)})
            given: dict[str, Any] = {"region": region, "now_s": NOW_S, "gpp": text}
            if policy:
                given["policy"] = {
                    "regimes": {"us_opt_out": {"sensitive": policy}},
                    "regions": {region: {"sensitive": policy}},
                }
            yield case(
                f"usnat in {region}, sensitive {policy or 'as the law says'}: all items {value}", given
            )
    for value in range(4):
        text = encode_gpp({8: us_text("usca", {"SensitiveDataProcessing": [2, 2, 2, value, 2, 2, 2, 2, 2]})})
        never = {"regions": {"US-CA": {"sensitive": "never"}}}
        given = {"region": "US-CA", "now_s": NOW_S, "gpp": text, "policy": never}
        yield case(f"usca, sensitive never: item 3 {value}", given)


def _unread() -> Iterator[Expected]:
    """Drafts, sections that nobody knows, and sections of other places."""
    for name in drafts():
        for region in (_region(name), "US", "US-CA", "IT", None):
            for beside in ((), ("usnat",)):
                text = gpp_text(*beside, **{name: "BAA"})
                what = f"{name} in {region!r}{' beside usnat' if beside else ''}"
                yield case(what, {"region": region, "now_s": NOW_S, "gpp": text})
        yield case(
            f"usnat alone in {_region(name)}",
            {"region": _region(name), "now_s": NOW_S, "gpp": gpp_text("usnat")},
        )
        yield case(
            f"usca beside {name} in US-CA",
            {"region": "US-CA", "now_s": NOW_S, "gpp": gpp_text("usca", **{name: "BAA"})},
        )
    for section in (1, 4, 28, 29, 40, 4_000):
        for region, own, text in (
            ("US-CA", 8, us_text("usca")),
            ("US", 7, us_text("usnat")),
            ("IT", 2, TCF_CONSENTING),
        ):
            both = encode_gpp({own: text, section: "BAA"})
            yield case(
                f"section {section} beside the own in {region}",
                {"region": region, "now_s": NOW_S, "gpp": both},
            )
            alone = encode_gpp({section: "BAA"})
            yield case(
                f"section {section} alone in {region}", {"region": region, "now_s": NOW_S, "gpp": alone}
            )


def _several() -> Iterator[Expected]:
    """Sections that contradict each other, or another carrier's."""
    for region in ("US-CA", "US-TX"):
        own = f"us{region[3:].lower()}"
        out = us_text(own, dict.fromkeys([field for field, _ in us_fields(own, 1) if field in OPT_OUTS], 1))
        given: dict[str, dict[str, Any]] = {
            "own stayed, uspv1 opted out": {"gpp": gpp_text(own, uspv1="1YYN")},
            "own opted out, uspv1 stayed": {"gpp": encode_gpp({us_ids()[own]: out, 6: "1YNN"})},
            "own stayed, uspv1 does not apply": {"gpp": gpp_text(own, uspv1="1---")},
            "uspv1 stayed, alone": {"gpp": encode_gpp({6: "1YNN"})},
            "uspv1 stayed, cookie opted out": {
                "gpp": encode_gpp({6: "1YNN"}), "signals": [["us_privacy", "cookie usprivacy", "1YYN"]],
            },
            "own stayed in one carrier, opted out in another": {
                "gpp": gpp_text(own), "signals": [["gpp", "cookie OTGPPConsent", encode_gpp({us_ids()[own]: out})]],
            },
            "own stayed in one carrier, no sections in another": {
                "gpp": gpp_text(own), "signals": [["gpp", "cookie OTGPPConsent", "DBAA"]],
            },
            "own stayed in one carrier, national in another": {
                "gpp": gpp_text(own), "signals": [["gpp", "cookie OTGPPConsent", gpp_text("usnat")]],
            },
            "own stayed, tcfeuv2 beside it": {"gpp": gpp_text(own, tcfeuv2=TCF_CONSENTING)},
            "tcfeuv2 alone": {"gpp": gpp_text(tcfeuv2=TCF_CONSENTING)},
            "own of version 2": {"gpp": encode_gpp({us_ids()[own]: us_section(own, {}, version=1)[:-1]})},
        }  # fmt: skip
        for name, each in given.items():
            yield case(f"{region}: {name}", {"region": region, "now_s": NOW_S, **each})
    for region in ("IT", "GB"):
        european = gpp_text("usca", tcfeuv2=TCF_CONSENTING)
        yield case(f"{region}: tcfeuv2 beside usca", {"region": region, "now_s": NOW_S, "gpp": european})


def file() -> ConsentFile:
    """The file."""
    return ConsentFile(
        "consent-us-sections.json",
        "Every section of the US, item by item: spec/consent.md, What a GPP string says, and US sections.",
        [*_every_value(), *_together(), *_elsewhere(), *_where_sensitive_differs(), *_unread(), *_several()],
    )
