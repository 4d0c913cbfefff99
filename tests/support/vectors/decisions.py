"""Stages, arbitration and windows: which offer wins, and why."""

from __future__ import annotations

from collections.abc import Sequence

from .cases import BUNDLE, DAY_S, NOW_S, Case, Document, VectorFile, case, observed

PURPOSES = ["personalize.content"]


def flag(*, purposes: Sequence[str] = PURPOSES) -> Document:
    return {"type": "boolean", "provenance": "declared", "purposes": list(purposes)}


def model(name: str, **words: object) -> Document:
    """A model with one stage and one fallback, where `words` say nothing else."""
    return {"model": name, "channel": name, "stages": [{"id": "only"}], **words}


FALLBACK: Document = {"id": "nothing", "content": {}}


def offer(name: str, **words: object) -> Document:
    """An offer on the placement `slot`."""
    return {"id": name, "placements": ["slot"], "content": {}, **words}


def _won(offer_id: str, stage: str) -> Document:
    return {"offer": offer_id, "stage": stage, "reason": "matched"}


def _fell_back(stage: str) -> Document:
    return {"offer": "nothing", "stage": stage, "reason": "fallback"}


# --- stages ------------------------------------------------------------------------------------------------------

JOURNEY = model(
    "journey",
    attributes={"a": flag(), "b": flag(purposes=["analytics"]), "x": flag(), "n": {
        "type": "number", "provenance": "first_party", "purposes": PURPOSES, "retention": "7d"}},
    conditions={"committed": {"says": "The visitor is committed", "when": "n >= 3"}},
    stages=[
        {"id": "discover"},
        {"id": "consider", "when": "a"},
        {"id": "buy", "when": ["b", "not x"]},
        {"id": "stay", "when": "committed"},
    ],
    placements={"slot": {"fallback": "nothing"}, "late": {"fallback": "nothing"}, "empty": {"fallback": "nothing"}},
    offers=[
        FALLBACK,
        offer("in_discover", stages=["discover"]),
        offer("in_consider", stages=["consider"]),
        offer("in_buy", stages=["buy"]),
        offer("in_stay", stages=["stay"]),
        offer("late_only", stages=["stay"], placements=["late"]),
        offer("middle", stages=["consider", "buy"], placements=["late"]),
    ],
)  # fmt: skip
BOTH = ["analytics", "personalize.content"]


def stages() -> VectorFile:
    """Reaching is not cumulative, losing information reaches no stage, a decision's stage is the furthest."""

    def at(name: str, attributes: Document, winner: str, stage: str, grants: Sequence[str] = BOTH) -> Case:
        return case(f"stages: {name}", "journey", "slot", attributes, _won(winner, stage), grants=grants)

    def late(name: str, attributes: Document, expect: Document, grants: Sequence[str] = BOTH) -> Case:
        return case(f"stages: late: {name}", "journey", "late", attributes, expect, grants=grants)

    rows = [
        at("nothing known reaches the first", {}, "in_discover", "discover"),
        at("second by its own condition", {"a": True}, "in_consider", "consider"),
        at("false does not reach", {"a": False}, "in_discover", "discover"),
        at("third without the second", {"a": False, "b": True, "x": False}, "in_buy", "buy"),
        at("third with the second unknown", {"b": True, "x": False}, "in_buy", "buy"),
        at("a list needs all: one unknown", {"b": True}, "in_discover", "discover"),
        at("a list needs all: one false", {"b": True, "x": True}, "in_discover", "discover"),
        at("last alone", {"n": 3}, "in_stay", "stay"),
        at("last below its bound", {"n": 2.999}, "in_discover", "discover"),
        at("all reached", {"a": True, "b": True, "x": False, "n": 5}, "in_stay", "stay"),
        at("second and last", {"a": True, "n": 5}, "in_stay", "stay"),
        at("last of the wrong type", {"a": True, "n": "5"}, "in_consider", "consider"),
        at("last stale", {"a": True, "n": observed(5, NOW_S - 8 * DAY_S)}, "in_consider", "consider"),
        at("last observed in time", {"a": True, "n": observed(5, NOW_S - 7 * DAY_S)}, "in_stay", "stay"),
        at("third stripped", {"a": True, "b": True, "x": False}, "in_consider", "consider", PURPOSES),
        at("all stripped", {"a": True, "b": True, "x": False, "n": 5}, "in_discover", "discover", []),
        at("only the stripped one granted", {"a": True, "b": True, "x": False, "n": 5}, "in_discover", "discover",
           ["analytics"]),
        late("first stage has no offer", {}, _fell_back("discover")),
        late("own stage reached", {"a": True}, _won("middle", "consider")),
        late("second of its stages alone", {"b": True, "x": False}, _won("middle", "buy")),
        late("the later offer wins", {"a": True, "n": 3}, _won("late_only", "stay")),
        late("without its stage it is out", {"n": 3}, _won("late_only", "stay")),
        late("stripped", {"a": True, "n": 3}, _fell_back("discover"), []),
        case("stages: an empty placement falls back, at the stage reached", "journey", "empty", {"n": 3},
             _fell_back("stay")),
    ]  # fmt: skip
    about = "which stages are reached, what an offer's own stages do to it, and the stage a decision reports"
    return VectorFile("stages.json", about, {"journey": [JOURNEY]}, rows)


# --- arbitration -------------------------------------------------------------------------------------------------

RANKS = model(
    "ranks",
    attributes={name: flag() for name in ("late", "a", "b", "c", "d", "e", "f")},
    stages=[{"id": "early"}, {"id": "later", "when": "late"}],
    placements={
        "slot": {"fallback": "nothing"},
        "other": {"fallback": "shared"},
        "ties": {"fallback": "nothing"},
    },
    offers=[
        FALLBACK,
        offer("a_low", when="a", priority=-5, stages=["early"]),
        offer("b_high", when="b", priority=100, stages=["early"]),
        offer("c_late", when="c", stages=["later"]),
        offer("d_both", when="d", priority=1, stages=["early", "later"]),
        offer("e_any", when="e"),
        offer("shared", content={"text": "always"}, placements=["slot", "other"], priority=-10),
        offer("f_two", when="f", placements=["other", "ties"]),
        *(
            offer(name, placements=["ties"], when="a")
            for name in ("z", "B", "a_1", "a", "a2", "a.1", "a10", "Z", "a-1", "b")
        ),
        offer("middle", placements=["ties"], when="b"),
        offer("last", placements=["ties"], when="a", priority=-2_147_483_647),
        offer("first", placements=["ties"], when="b", priority=2_147_483_647),
    ],
)
ALL: Document = dict.fromkeys(("late", "a", "b", "c", "d", "e", "f"), True)


def arbitration() -> VectorFile:
    """Stage before priority before id; top k; the fallback alone when nothing is eligible."""

    def top(name: str, placement: str, attributes: Document, k: int, offers: Sequence[str]) -> Case:
        return case(f"top {k}: {name}", "ranks", placement, attributes, list(offers), k=k)

    def one(name: str, attributes: Document, winner: str, stage: str) -> Case:
        return case(f"arbitration: {name}", "ranks", "slot", attributes, _won(winner, stage))

    rows = [
        one("an offer without a condition is eligible", {}, "shared", "early"),
        one("a higher priority wins", {"a": True, "b": True}, "b_high", "early"),
        one("a negative priority beats a lower one", {"a": True}, "a_low", "early"),
        one("stage beats priority", {"b": True, "c": True, "late": True}, "c_late", "later"),
        one("a rank counts from the offer's own furthest stage", {"b": True, "d": True, "late": True}, "d_both",
            "later"),
        one("before that stage its priority counts", {"b": True, "d": True}, "b_high", "early"),
        one("all stages are its own where it names none", {"b": True, "e": True, "late": True}, "e_any", "later"),
        one("priority decides within a stage", {"c": True, "d": True, "e": True, "late": True}, "d_both", "later"),
        one("id decides at last", {"c": True, "e": True, "late": True}, "c_late", "later"),
        one("a condition in a stage not reached", {"c": True}, "shared", "early"),
        one("unknown conditions are out", {"late": True, "b": None}, "shared", "later"),
        one("everything true", ALL, "d_both", "later"),
        case("arbitration: a competing fallback matches", "ranks", "other", {},
             {**_won("shared", "early"), "content": {"text": "always"}}),
        case("arbitration: nothing eligible", "ranks", "ties", {}, _fell_back("early")),
        case("arbitration: nothing eligible, later", "ranks", "ties", {"late": True}, _fell_back("later")),
        case("arbitration: upper case sorts before lower case", "ranks", "ties", {"a": True}, _won("B", "early")),
        top("nothing eligible: the fallback alone", "ties", {}, 3, ["nothing"]),
        top("one", "ties", {"a": True}, 1, ["B"]),
        top("two", "ties", {"a": True}, 2, ["B", "Z"]),
        top("by code point, not by locale or digits", "ties", {"a": True}, 20,
            ["B", "Z", "a", "a-1", "a.1", "a10", "a2", "a_1", "b", "z", "last"]),
        top("the extremes of priority", "ties", {"a": True, "b": True}, 4, ["first", "B", "Z", "a"]),
        top("more than there are", "ties", {"f": True}, 9, ["f_two"]),
        top("the whole order", "slot", ALL, 20, ["d_both", "c_late", "e_any", "shared", "b_high", "a_low"]),
        top("part of it", "slot", {"a": True, "b": True, "d": True}, 3, ["b_high", "d_both", "a_low"]),
        top("exactly as many", "slot", {"a": True, "b": True}, 3, ["b_high", "a_low", "shared"]),
        top("an offer of two stages comes once", "slot", {"d": True, "late": True}, 5, ["d_both", "shared"]),
    ]  # fmt: skip
    about = "who wins: furthest stage of the offer's own, then priority, then offer id by code point; and the top k"
    return VectorFile(
        "arbitration.json", about, {"ranks": [RANKS], "two": TWO_MODELS}, [*rows, *_two_models()]
    )


TWO_MODELS = [
    model("web", channel="web", attributes={"a": flag(), "b": flag(purposes=["analytics"])},
          stages=[{"id": "first"}, {"id": "second", "when": "a"}],
          placements={"web.top": {"fallback": "plain"}},
          offers=[{"id": "plain", "content": {"n": 1}},
                  {"id": "same_id", "placements": ["web.top"], "when": "a", "content": {"n": 2}}]),
    model("mail", channel="mail", attributes={"a": flag(), "z": flag(purposes=["marketing"])},
          stages=[{"id": "one"}, {"id": "two", "when": "z"}],
          placements={"mail.top": {"fallback": "plain"}},
          offers=[{"id": "plain", "content": {"n": 3}},
                  {"id": "same_id", "placements": ["mail.top"], "when": "not a", "content": {"n": 4}}]),
]  # fmt: skip


def _two_models() -> list[Case]:
    """Two channels in one bundle: ids are each model's own, the catalogue is shared."""

    def at(name: str, placement: str, attributes: Document, **expect: object) -> Case:
        return case(f"two models: {name}", "two", placement, attributes, {"withheld": ["b", "z"], **expect})

    return [
        at(
            "the first model's offer",
            "web.top",
            {"a": True},
            offer="same_id",
            stage="second",
            content={"n": 2},
        ),
        at(
            "the second model's fallback",
            "mail.top",
            {"a": True},
            offer="plain",
            stage="one",
            content={"n": 3},
        ),
        at(
            "the second model's offer",
            "mail.top",
            {"a": False},
            offer="same_id",
            stage="one",
            content={"n": 4},
        ),
        at(
            "the first model's fallback",
            "web.top",
            {"a": False},
            offer="plain",
            stage="first",
            content={"n": 1},
        ),
        at("both fall back on nothing", "mail.top", {}, offer="plain", stage="one", content={"n": 3}),
    ]


# --- windows -----------------------------------------------------------------------------------------------------

FROM, UNTIL = "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"
WINDOWS = model(
    "windows",
    attributes={"a": flag(), "seen": {"type": "datetime", "provenance": "first_party", "purposes": PURPOSES}},
    placements={name: {"fallback": "nothing"} for name in ("both", "from", "until", "odd", "next", "if", "empty")},
    offers=[
        FALLBACK,
        offer("in_both", placements=["both"], valid={"from": FROM, "until": UNTIL}),
        offer("in_from", placements=["from"], valid={"from": FROM}),
        offer("in_until", placements=["until"], valid={"until": UNTIL}),
        offer("in_odd", placements=["odd"],
              valid={"from": "2026-03-01T01:00:00.250+01:00", "until": "2026-03-01T00:00:00.750Z"}),
        offer("today", placements=["next"], valid={"from": FROM, "until": UNTIL}),
        offer("tomorrow", placements=["next"], valid={"from": UNTIL}),
        offer("if_a", placements=["if"], when="a", valid={"from": FROM}),
        offer("if_recent", placements=["if"], when="days_since(seen) < 1", valid={"until": UNTIL}),
    ],
)  # fmt: skip
UNTIL_S = NOW_S + DAY_S
EXPIRES_S = NOW_S + 365 * DAY_S


def windows() -> VectorFile:
    """Half open windows, to the millisecond, and the bundle's own expiry."""

    def at(placement: str, now_s: object, winner: str, name: str = "", **attributes: object) -> Case:
        reason = "fallback" if winner == "nothing" else "matched"
        what = f"windows: {placement} at {name or now_s}"
        return case(what, "windows", placement, attributes, {"offer": winner, "reason": reason}, now_s=now_s)

    def expired(placement: str, now_s: object, name: str) -> Case:
        expect = {"offer": "nothing", "stage": "only", "reason": "expired"}
        return case(f"expiry: {placement}: {name}", "windows", placement, {"a": True}, expect, now_s=now_s)

    rows = [
        at("both", NOW_S, "in_both", "from"),
        at("both", NOW_S - 1, "nothing", "a second before from"),
        at("both", NOW_S - 0.001, "nothing", "a millisecond before from"),
        at("both", UNTIL_S - 1, "in_both", "a second before until"),
        at("both", UNTIL_S - 0.001, "in_both", "a millisecond before until"),
        at("both", UNTIL_S, "nothing", "until"),
        at("both", float(UNTIL_S), "nothing", "until as a float"),
        at("both", UNTIL_S + 1, "nothing", "a second after until"),
        at("from", NOW_S, "in_from", "from"),
        at("from", NOW_S - 0.5, "nothing", "half a second before from"),
        at("from", EXPIRES_S - 1, "in_from", "long after"),
        at("until", 0, "in_until", "1970"),
        at("until", -1, "in_until", "before 1970"),
        at("until", -62_135_596_800, "in_until", "the first second of the year 1"),
        at("until", UNTIL_S - 0.5, "in_until", "half a second before until"),
        at("until", UNTIL_S, "nothing", "until"),
        at("odd", NOW_S, "nothing", "the full second before"),
        at("odd", NOW_S + 0.25, "in_odd", "its first millisecond"),
        at("odd", NOW_S + 0.5, "in_odd", "its middle"),
        at("odd", NOW_S + 0.75, "nothing", "its end"),
        at("next", NOW_S, "today", "the first day"),
        at("next", UNTIL_S - 0.125, "today", "the last moment"),
        at("next", UNTIL_S, "tomorrow", "the change"),
        at("if", NOW_S, "if_a", "from, condition true", a=True),
        at("if", NOW_S, "nothing", "from, condition false", a=False),
        at("if", NOW_S, "nothing", "from, condition unknown"),
        at("if", NOW_S - 1, "nothing", "before from, condition true", a=True),
        at("if", NOW_S - 1, "if_recent", "before from, the other", a=True, seen="2026-02-28"),
        at("if", NOW_S, "nothing", "a day since seen", seen="2026-02-28"),
        at("if", NOW_S, "if_recent", "less than a day since seen", seen="2026-02-28T00:00:00.001Z"),
        at("if", UNTIL_S, "nothing", "until, seen just now", seen="2026-03-02"),
        at("empty", NOW_S, "nothing", "any time"),
        at("from", EXPIRES_S - 0.5, "in_from", "half a second before the bundle expires"),
        expired("from", EXPIRES_S, "the instant"),
        expired("from", EXPIRES_S + 1, "a second after"),
        expired("empty", EXPIRES_S, "nothing to offer either way"),
        expired("if", 1e15, "far in the future"),
        expired("from", {"$number": "NaN"}, "a clock that is no number"),
        expired("from", {"$number": "Infinity"}, "an infinite clock"),
        expired("until", {"$number": "-Infinity"}, "a clock at minus infinity"),
        expired("until", -62_135_596_800.5, "a clock before the year 1"),
        {**expired("from", EXPIRES_S, "top 3 too"), "k": 3, "expect": ["nothing"]},
    ]
    return VectorFile("windows.json", "offers' windows and the bundle's expiry, at their boundaries",
                      {"windows": [WINDOWS]}, rows, dict(BUNDLE))  # fmt: skip
