"""Permission beside the purposes: sensitive items, a known child's consent, and substitutes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .cases import DAY_S, INFINITY, NOW_S, Case, Document, case, observed
from .decisions import FALLBACK, model, offer

STRONG, WEAK = "personalize.content.profiled", "personalize.content.limited"


def declared(kind: str, *purposes: str, provenance: str = "first_party", **words: object) -> Document:
    return {"type": kind, "provenance": provenance, "purposes": list(purposes) or [STRONG], **words}


def coarser(parent: str, by: Document, *purposes: str, **words: object) -> Document:
    return {"coarsens": parent, "by": by, "purposes": list(purposes) or [WEAK], **words}


CATALOGUE: Document = {
    "diet": declared("string", sensitive="health"),
    "creed": declared("string", WEAK, provenance="contextual", sensitive="religion"),
    "alarm": declared("boolean", "essential.service", sensitive="health"),
    "half_essential": declared("boolean", "essential.service", STRONG, sensitive="health"),
    "plain": declared("boolean", sensitive=False),
    "page": declared("string", WEAK, provenance="contextual"),
    "told": declared("string", WEAK, provenance="declared"),
    "login": declared("boolean", "essential.service"),
    "bought": declared("string", "essential", provenance="third_party"),
    "bought_area": coarser("bought", {"characters": 2}, "essential"),
    "postcode": declared("string", provenance="declared", retention="10s", sensitive="precise_geolocation"),
    "postcode_area": coarser("postcode", {"characters": 2}),
    "city": declared("string", provenance="declared", lower=True),
    "city_initial": coarser("city", {"characters": 1}),
    "city_trait": coarser("city", {"characters": 3}, sensitive="religion"),
    "latitude": declared("number", provenance="contextual", sensitive="precise_geolocation"),
    "latitude_0": coarser("latitude", {"decimals": 0}),
    "latitude_1": coarser("latitude", {"decimals": 1}),
    "latitude_3": coarser("latitude", {"decimals": 3}),
    "age": declared("number", provenance="declared"),
    "age_band": coarser("age", {"bands": [0, 18, 35.5, 65]}),
    "ip": declared("string", provenance="contextual"),
    "ip_network": coarser("ip", {"network": True}),
}
NAMES = [name for name in CATALOGUE if not name.startswith("bought")]
BESIDE = model(
    "beside",
    attributes=CATALOGUE,
    placements={f"p_{name}": {"fallback": "nothing"} for name in [*NAMES, "bought"]},
    offers=[
        FALLBACK,
        *(
            offer(f"knows_{name}", placements=[f"p_{name}"], when=f"known({name})", content={"is": f"{{{name}|}}"})
            for name in NAMES
        ),
    ],
)  # fmt: skip
ALL = ["personalize", "functional"]


def cases() -> list[Case]:
    return [
        *_sensitive(),
        *_children(),
        *_substitutes(),
        *_characters(),
        *_decimals(),
        *_bands(),
        *_networks(),
    ]


def _row(
    name: str,
    attribute: str,
    known: str | None,
    attributes: Document,
    grants: Sequence[str],
    *,
    sensitive: Sequence[str] = (),
    contextual_only: bool = False,
    now_s: object = NOW_S,
    **named: object,
) -> Case:
    """`known` is what a token prints of the attribute; None where it is not known."""
    winner: Document = {"offer": "nothing", "reason": "fallback"}
    if known is not None:
        winner = {"offer": f"knows_{attribute}", "reason": "matched", "content": {"is": known}}
    expect = {**winner, "malformed": [], "stale": [], **named}
    return case(
        f"beside: {name}", "beside", f"p_{attribute}", attributes, expect,
        grants=grants, now_s=now_s, sensitive=sensitive, contextual_only=contextual_only,
    )  # fmt: skip


def _without(*names: str) -> list[str]:
    return sorted(name for name in CATALOGUE if name not in names)


def _sensitive() -> list[Case]:
    def row(
        name: str, attribute: str, known: str | None, grants: Sequence[str], *items: str, **named: Any
    ) -> Case:
        value: object = True if CATALOGUE[attribute]["type"] == "boolean" else "x"
        return _row(
            f"sensitive: {name}", attribute, known, {attribute: value}, grants, sensitive=items, **named
        )

    item_alone = ["alarm", "login"]
    return [
        row("its purpose alone", "diet", None, ALL),
        row("its item alone", "diet", None, [], "health", withheld=_without(*item_alone)),
        row("both", "diet", "x", ALL, "health"),
        row("another item", "diet", None, ALL, "religion", "genetic"),
        row("an item is a whole word", "diet", None, ALL, "health.diet", "heal", "Health", ""),
        row("a purpose is no item", "diet", None, [*ALL, "health"]),
        row("an item is no purpose", "plain", None, [], STRONG),
        row("all its purposes are essential", "alarm", None, []),
        row("all its purposes are essential, with its item", "alarm", "true", [], "health"),
        row("not all its purposes are essential", "half_essential", None, ALL),
        row("not all its purposes are essential, with its item", "half_essential", "true", ALL, "health"),
        row("contextual all the same", "creed", None, ALL),
        row("contextual, with its item", "creed", "x", ALL, "religion"),
        row("not sensitive", "plain", "true", ALL),
        row("withheld is not malformed", "diet", None, ALL, withheld=_everything_but_items()),
        row(
            "every item does not help a third party", "page", "x", ALL, "health", "religion", "precise_geolocation",
            withheld=["bought", "bought_area"],
        ),
    ]  # fmt: skip


def _everything_but_items() -> list[str]:
    """What all purposes without an item leave withheld."""
    return [
        "alarm",
        "bought",
        "bought_area",
        "city_trait",
        "creed",
        "diet",
        "half_essential",
        "latitude",
        "postcode",
    ]


def _children() -> list[Case]:
    def row(name: str, attribute: str, known: str | None, grants: Sequence[str], **named: object) -> Case:
        values = {
            "page": "x",
            "told": "x",
            "plain": True,
            "login": True,
            "latitude": 45.46,
            "age": 9,
            "bought": "x",
        }
        items = ["health", "precise_geolocation", "religion"]
        return _row(
            f"child: {name}", attribute, known, values, grants, sensitive=items, contextual_only=True, **named
        )

    contextual = ["creed", "ip", "ip_network", "latitude", "latitude_0", "latitude_1", "latitude_3", "page"]
    return [
        row("a contextual fact", "page", "x", ALL, withheld=_without("alarm", "login", *contextual)),
        row("a contextual fact needs its purpose", "page", None, [], withheld=_without("alarm", "login")),
        row("what the child told", "told", None, ALL),
        row("what we observed", "plain", None, ALL),
        row("what is essential", "login", "true", ALL),
        row("what is essential, without grants", "login", "true", []),
        row("a contextual sensitive fact", "latitude", "45.46", ALL),
        row("a substitute of a contextual fact", "latitude_1", "45.5", ALL),
        row("a substitute of what the child told", "age_band", None, ALL),
        row("half essential, and observed", "half_essential", None, ALL),
    ]


def _substitutes() -> list[Case]:
    def row(
        name: str,
        attribute: str,
        known: str | None,
        attributes: Document,
        grants: Sequence[str] = (WEAK,),
        **more: Any,
    ) -> Case:
        return _row(f"substitute: {name}", attribute, known, attributes, grants, **more)

    item: Any = {"sensitive": ["precise_geolocation"]}
    visitor = {"postcode": "20121"}
    return [
        row("under the weaker purpose", "postcode_area", "20", visitor),
        row("the exact one stays withheld", "postcode", None, visitor),
        row("under both purposes", "postcode_area", "20", visitor, ALL, **item),
        row("the exact one under both purposes", "postcode", "20121", visitor, ALL, **item),
        row("its purpose is its own", "postcode_area", None, visitor, [STRONG], **item),
        row("its item is its own", "city_trait", None, {"city": "milano"}),
        row("with its own item", "city_trait", "mil", {"city": "milano"}, sensitive=["religion"]),
        row("a value under its own name is not read", "postcode_area", None, {"postcode_area": "99"}),
        row("a value under its own name changes nothing", "postcode_area", "20", {**visitor, "postcode_area": 5}),
        row("of an absent value", "postcode_area", None, {}),
        row("of nothing", "postcode_area", None, {"postcode": None}),
        row("of nothing observed", "postcode_area", None, {"postcode": observed(None, NOW_S)}),
        row("of a fresh value", "postcode_area", "20", {"postcode": observed("20121", NOW_S - 10)}),
        row("of a stale value", "postcode_area", None, {"postcode": observed("20121", NOW_S - 11)},
            stale=["postcode_area"]),
        row("of a stale value, both permitted", "postcode_area", None, {"postcode": observed("20121", NOW_S - 11)},
            ALL, **item, stale=["postcode", "postcode_area"]),
        row("of a malformed value", "postcode_area", None, {"postcode": 20121}, malformed=["postcode_area"]),
        row("of a malformed value, both permitted", "postcode_area", None, {"postcode": 20121}, ALL, **item,
            malformed=["postcode", "postcode_area"]),
        row("observed in the future", "postcode_area", None, {"postcode": observed("20121", NOW_S + DAY_S + 1)},
            malformed=["postcode_area"]),
        row("withheld it is neither", "postcode_area", None, {"postcode": observed(1, NOW_S - 11)}, []),
        row("of a third party's value", "bought", None, {"bought": "20121"}, ALL,
            withheld=_everything_but_items()),
        row("of a text in lower case", "city_initial", "m", {"city": "MILANO"}),
        row("what is withheld", "page", None, {}, [WEAK],
            withheld=_without("login", "page", "told", "postcode_area", "city_initial", "latitude_0",
                              "latitude_1", "latitude_3", "age_band", "ip_network")),
    ]  # fmt: skip


def _characters() -> list[Case]:
    rows: Sequence[tuple[str, object, str | None]] = (
        ("shorter than asked", "2", "2"),
        ("the empty text", "", ""),
        ("code points, not units", "\U0001f600\U0001f600\U0001f600", "\U0001f600\U0001f600"),
        ("of the normal form", "e\u0301e\u0301e\u0301", "\u00e9\u00e9"),
        ("a mark of its own", "x\u0301y", "x\u0301"),
        ("1,024 characters", "ab" * 512, "ab"),
        ("1,025 characters", "x" * 1_025, None),
        ("half a surrogate pair", "\ud800", None),
    )
    return [
        _row(
            f"characters: {name}", "postcode_area", known, {"postcode": value}, [WEAK],
            malformed=[] if known is not None else ["postcode_area"],
        )
        for name, value, known in rows
    ]  # fmt: skip


def _decimals() -> list[Case]:
    rows: Sequence[tuple[str, object, str | None]] = (
        ("latitude_1", 45.4642, "45.5"), ("latitude_1", 45.44, "45.4"), ("latitude_1", 45.45, "45.5"),
        ("latitude_1", -45.4642, "-45.5"), ("latitude_1", -45.45, "-45.4"), ("latitude_1", 45, "45"),
        ("latitude_1", 0.04, "0"), ("latitude_1", -0.04, "0"), ("latitude_1", -0.05, "0"), ("latitude_1", -0.0, "0"),
        ("latitude_1", 0.35, "0.4"), ("latitude_1", 1.005, "1"), ("latitude_1", 1e20, "100000000000000000000"),
        ("latitude_1", 2**53, "9007199254740992"), ("latitude_1", 10**30, "1e+30"), ("latitude_1", 1e307, "1e+307"),
        ("latitude_1", 1e308, None), ("latitude_1", -1e308, None), ("latitude_1", "45.5", None),
        ("latitude_1", INFINITY, None), ("latitude_1", 5e-324, "0"),
        ("latitude_0", 45.5, "46"), ("latitude_0", 45.4999, "45"), ("latitude_0", -45.5, "-45"),
        ("latitude_0", -45.51, "-46"), ("latitude_0", 0.49999999999999994, "1"), ("latitude_0", 0.5, "1"),
        ("latitude_0", -0.5, "0"), ("latitude_0", 1e308, "1e+308"),
        ("latitude_0", 4503599627370497.5, "4503599627370498"),
        ("latitude_3", 45.46427, "45.464"), ("latitude_3", 45.4645, "45.465"), ("latitude_3", 1.0005, "1.001"),
        ("latitude_3", 1.00049, "1"),
        ("latitude_3", 0.0005, "0.001"), ("latitude_3", 123456789.12345, "123456789.123"), ("latitude_3", 1e306, None),
    )  # fmt: skip
    return [
        _row(f"decimals: {attribute} of {value!a}", attribute, known, {"latitude": value}, [WEAK],
             malformed=_beyond(value))
        for attribute, value, known in rows
    ]  # fmt: skip


def _beyond(value: object) -> list[str]:
    """The coarse latitudes that a value does not come to: tenfold for each decimal it must be a double still."""
    if not isinstance(value, int | float):
        return ["latitude_0", "latitude_1", "latitude_3"]
    return (
        ["latitude_1", "latitude_3"] if abs(value) >= 1e308 else ["latitude_3"] if abs(value) >= 1e306 else []
    )


def _bands() -> list[Case]:
    rows: Sequence[tuple[object, str | None]] = (
        (0, "0"), (17, "0"), (17.999, "0"), (18, "18"), (18.0, "18"), (35, "18"), (35.4, "18"), (35.5, "35.5"),
        (64, "35.5"), (65, "65"), (10**30, "65"), (-0.0, "0"), (-0.5, None), (-(10**30), None),
    )  # fmt: skip
    return [
        *(_row(f"bands: of {value!a}", "age_band", known, {"age": value}, [WEAK]) for value, known in rows),
        _row("bands: of a text", "age_band", None, {"age": "17"}, [WEAK], malformed=["age_band"]),
        _row("bands: of true", "age_band", None, {"age": True}, [WEAK], malformed=["age_band"]),
    ]


def _networks() -> list[Case]:
    rows: Sequence[tuple[str, str | None]] = (
        ("203.0.113.77", "203.0.113.0"), ("255.255.255.255", "255.255.255.0"),
        ("0.0.0.0", "0.0.0.0"),  # noqa: S104 - an address like others
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"), ("2001:0DB8:0001::1", "2001:db8:1::"), ("2001:db8::1", "2001:db8::"),
        ("2001::1", "2001::"), ("::", "::"), ("::1", "::"), ("1::", "1::"), ("0:0:1::", "0:0:1::"),
        ("0:1:0:0:0:0:0:1", "0:1::"), ("1:0:2::", "1:0:2::"), ("1:2:3:4:5:6:7::", "1:2:3::"),
        ("::2:3:4:5:6:7:8", "0:2:3::"),
        ("::ffff:203.0.113.77", "203.0.113.0"), ("::FFFF:cb00:714d", "203.0.113.0"),
        ("0:0:0:0:0:ffff:203.0.113.77", "203.0.113.0"), ("::203.0.113.77", "::"),
        ("1:2:3:4:5:6:203.0.113.77", "1:2:3::"),
        ("64:ff9b::203.0.113.77", "64:ff9b::"), ("fe80::1", "fe80::"),
        ("2002:cb00:714d:1::1", "203.0.113.0"), ("2003:cb00:714d::1", "2003:cb00:714d::"),
        ("", None), ("localhost", None), ("203.0.113", None), ("203.0.113.77.1", None), ("203.0.113.256", None),
        ("203.0.113.077", None), ("203.0.113.+7", None), ("203.0.113.7 ", None), (" 203.0.113.7", None),
        ("203.0.113.", None), ("203.0.113.0x7", None), ("\u0662\u0660\u0663.0.113.77", None), ("203.0.113.77/24", None),
        ("203.0.113.77:80", None), ("fe80::1%eth0", None), ("[::1]", None), ("::1/48", None), (":", None),
        (":::", None),
        ("1::2::3", None), ("1:2:3:4:5:6:7", None), ("1:2:3:4:5:6:7:8:9", None), ("1:2:3:4:5:6:7:8::", None),
        ("::1:2:3:4:5:6:7:8", None), ("12345::", None), ("g::", None), (":1:2:3:4:5:6:7", None),
        ("1:2:3:4:5:6:7:", None),
        ("::203.0.113.077", None), ("203.0.113.77::", None), ("::203.0.113.77:1", None), ("::%", None),
        ("::\uff11", None), ("0" * 1_024, None),
    )  # fmt: skip
    return [
        _row(f"network: {number}", "ip_network", known, {"ip": text}, [WEAK],
             malformed=[] if known is not None else ["ip_network"])
        for number, (text, known) in enumerate(rows, start=1)
    ]  # fmt: skip
