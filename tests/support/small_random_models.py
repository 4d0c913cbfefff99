"""Random models of a few offers, over every type of attribute and every form of substitute. The dice are seeded."""

from __future__ import annotations

from random import Random

from .random_models import ATTRIBUTES, Document


def random_document(seed: int) -> Document:
    """The model of that number: three stages, two placements, six offers; one in four waives the withdrawal."""
    dice = Random(seed)  # noqa: S311 - chosen, not secret
    tests = (
        "n > 1", "n <= 0.5", "m in [1, 2]", "b", "not b2", "b3", 's == "ab"', 'starts_with(s, "a")', 'contains(l, "b")',
        '"a" in t', 'any_of(u, "a", "b")', 'd >= "2026-03-01"', "days_since(d) < 0.5", "days_since(e) >= 28",
        "band == 2.5", "round > 2", 'start == "ab"', 'net == "192.0.2.0"', "known(n)", "known(band)",
    )  # fmt: skip

    def some(number: int) -> str:
        word = dice.choice((" and ", " or "))
        return word.join(
            dice.choice(("({})", "not ({})", "({})")).format(dice.choice(tests)) for _ in range(number)
        )

    conditions = {
        f"c{number}": {"says": f"It is {number}", "when": some(dice.randint(1, 3))} for number in range(4)
    }
    offers: list[Document] = [
        {
            "id": f"o{number}",
            "content": {},
            "placements": dice.sample(["p", "q"], dice.randint(1, 2)),
            "stages": dice.sample(["s0", "s1", "s2"], dice.randint(1, 3)),
            "when": f"{dice.choice(['', 'not '])}c{dice.randint(0, 3)} and ({some(2)})",
            "priority": dice.randint(0, 2),
            **({"valid": {"from": "2026-03-01", "until": "2026-04-01"}} if dice.random() < 0.2 else {}),
        }
        for number in range(6)
    ]
    for each in offers:
        if dice.random() < 0.25:
            each |= {"when": f"{each['when']} or unknown(s)", "waive": "withdrawal"}
    return {
        "model": "random", "channel": "web", "attributes": ATTRIBUTES, "conditions": conditions,
        "stages": [{"id": "s0"}, {"id": "s1", "when": some(2)}, {"id": "s2", "when": "c0"}],
        "placements": {"p": {"fallback": "none"}, "q": {"fallback": "none"}},
        "offers": [{"id": "none", "content": {}}, *offers],
    }  # fmt: skip
