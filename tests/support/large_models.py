"""A large house's models: 300 offers, eight stages, three channels, twelve placements, words as people write them.

The dice are seeded, so every process makes the same.
"""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any, Final, TypeAlias

from discreet.model import Model, models_from_dicts

Document: TypeAlias = dict[str, Any]

PROFILED, PROFILING = "personalize.content.profiled", "personalize.content.profiling"
LIMITED, STORAGE = "personalize.content.limited", "functional.storage"
ATTRIBUTES: Final[Document] = {
    "weekday": {"type": "string", "provenance": "contextual", "purposes": [LIMITED]},
    "country": {"type": "string", "provenance": "contextual", "purposes": [LIMITED]},
    "device": {"type": "string", "provenance": "contextual", "purposes": ["essential.service"]},
    "weather": {"type": "string", "provenance": "contextual", "purposes": [LIMITED]},
    "orders": {
        "type": "number", "provenance": "first_party", "purposes": [PROFILED, STORAGE], "retention": "730d",
        "range": [0, 5000],
    },
    "spend": {"type": "number", "provenance": "first_party", "purposes": [PROFILED, PROFILING], "retention": "730d"},
    "last_order": {
        "type": "datetime", "provenance": "first_party", "purposes": [PROFILED, STORAGE], "retention": "730d",
    },
    "basket": {"type": "number", "provenance": "first_party", "purposes": ["essential.service"], "retention": "1d"},
    "seen": {"type": "strings", "provenance": "first_party", "purposes": [PROFILED, STORAGE], "retention": "90d"},
    "interests": {"type": "strings", "provenance": "declared", "purposes": [PROFILED]},
    "first_name": {"type": "string", "provenance": "declared", "purposes": [PROFILED]},
    "member": {"type": "boolean", "provenance": "declared", "purposes": [PROFILED]},
    "diet": {"type": "strings", "provenance": "declared", "purposes": [PROFILED], "sensitive": "health"},
    "letters_read": {
        "type": "number", "provenance": "first_party", "purposes": ["analytics.reporting.content_performance"],
        "retention": "180d",
    },
}  # fmt: skip
_STAGES: Final = (
    ("discover", "Nobody we know yet", None),
    (
        "look_around",
        "Has looked at some shelves",
        'any_of(seen, "tents", "boots", "maps", "stoves", "packs")',
    ),
    ("first_order", "One order at least", "orders >= 1"),
    ("settled_in", "Came back for more", "orders >= 3"),
    ("regular", "Buys with every season", "orders >= 8"),
    ("friend", "A member of the club", "orders >= 12 and member"),
    ("gone_quiet", "Nothing for half a year", "orders >= 2 and days_since(last_order) >= 180"),
    ("win_back", "Away for a year", "orders >= 2 and days_since(last_order) >= 365"),
)
_CHANNELS: Final = {
    "web": ("home.hero", "home.strip", "shelf.top", "product.side", "basket.note"),
    "mail": ("letter.lead", "letter.second", "letter.postscript", "receipt.note"),
    "app": ("start.card", "start.tip", "account.card"),
}
_THINGS: Final = (
    "tents",
    "boots",
    "maps",
    "stoves",
    "packs",
    "lamps",
    "rain jackets",
    "sleeping bags",
    "axes",
    "ropes",
)
_HEADS: Final = (
    "New {thing}, light as a letter", "The {thing} our guides take along", "Last season's {thing}, at half the price",
    "Your {thing} deserve company", "How to choose {thing} in ten minutes", "{thing} on loan for a weekend",
    "We repair {thing}, whoever sold them", "Three {thing} for the price of two", "{thing} for small people",
    "Hand-sewn {thing} from the valley", "Tested on the ridge: {thing}", "Before the snow comes: {thing}",
)  # fmt: skip
_PLAIN: Final = (
    ("is_weekend", "Today is Saturday or Sunday", 'weekday in ["saturday", "sunday"]', "deductive"),
    ("lives_in_the_alps", "The visit comes from the Alps", 'country in ["AT", "CH", "IT", "FR", "SI"]', "deductive"),
    ("rain_is_near", "It rains where the visitor is", 'weather in ["rain", "storm"]', "inductive"),
    ("spends_much", "The customer has spent 400 euro or more", "spend >= 400", "inductive"),
    ("fills_the_basket", "There are three things or more in the basket", "basket >= 3", "deductive"),
    ("is_a_member", "The visitor told us that they joined the club", "member", "declared"),
    ("reads_our_letters", "Has opened five letters or more", "letters_read >= 5", "inductive"),
    ("eats_plants", "The visitor told us that they eat no meat", '"vegan" in diet', "declared"),
    ("on_a_phone", "The page is looked at on a telephone", 'device == "phone"', "deductive"),
)  # fmt: skip
_OWNERS: Final = ("Anna, shop", "Luca, letters", "The outdoor team", "Miriam, club")
_MONTH: Final = 31


def _conditions() -> tuple[Document, Document]:
    conditions: Document = {
        name: {"says": says, "when": when, "basis": basis} for name, says, when, basis in _PLAIN
    }
    segments: Document = {}
    for thing in _THINGS[:8]:
        name = thing.replace(" ", "_")
        conditions[f"likes_{name}"] = {
            "says": f"The visitor told us that they like {thing}", "when": f'"{name}" in interests',
            "basis": "declared",
        }  # fmt: skip
        segments[f"looks_at_{name}"] = {
            "says": f"Has looked at {thing} lately", "when": f'"{name}" in seen', "basis": "inductive",
            "note": "Whoever looks twice within a month buys within a season.", "owner": "Analysis",
        }  # fmt: skip
    return conditions, segments


def _offer(number: int, channel: str, dice: Random, names: list[str]) -> Document:
    thing = dice.choice(_THINGS)
    head = dice.choice(_HEADS).format(thing=thing)
    first = dice.randrange(len(_STAGES))
    offer: Document = {
        "id": f"{channel}_{thing.replace(' ', '_')}_{number:03}",
        "stages": [stage for stage, _, _ in _STAGES[first : first + dice.choice((1, 1, 2, 3))]],
        "placements": sorted(dice.sample(_CHANNELS[channel], dice.choice((1, 1, 1, 2)))),
        "when": sorted(dice.sample(names, dice.choice((1, 1, 2, 2, 3)))),
        "priority": dice.randrange(1, 20) * 5,
        "content": {"title": head[0].upper() + head[1:], "text": "{first_name|Friend}: only in our own shops."},
        "owner": dice.choice(_OWNERS),
    }  # fmt: skip
    if len(offer["when"]) > 1 and number % 7 == 0:
        offer["when"] = {"any": offer["when"]}
    if number % 5 == 0:
        month = 1 + number % 9
        offer["valid"] = {"from": f"2026-{month:02}-01", "until": f"2026-{month + 2:02}-15"}
    return offer


def large_documents(offers: int = 300) -> list[Document]:
    """The models of all channels, `offers` of which compete in all."""
    dice = Random(300)  # noqa: S311 - no secret
    conditions, segments = _conditions()
    names = [*conditions, *segments]
    made: list[Document] = []
    for channel, placements in _CHANNELS.items():
        share = range(len(made), offers, len(_CHANNELS))
        fallbacks = [
            {"id": f"{channel}_plain_{at}", "content": {"title": f"Good things for outdoors, {at}"}}
            for at in range(len(placements))
        ]
        made.append({
            "model": f"outdoor-{channel}", "channel": channel, "owner": "The outdoor team", "attributes": ATTRIBUTES,
            "conditions": conditions, "segments": segments,
            "stages": [{"id": name, "says": says} | ({"when": when} if when else {}) for name, says, when in _STAGES],
            "placements": {name: {"fallback": f"{channel}_plain_{at}"} for at, name in enumerate(placements)},
            "offers": [*fallbacks, *(_offer(number, channel, dice, names) for number in share)],
        })  # fmt: skip
    return made


@cache
def large_models(offers: int = 300) -> tuple[Model, ...]:
    """`large_documents`, read."""
    return models_from_dicts(large_documents(offers))
