"""Purposes: what an attribute may be used for, as fideslang data-use keys.

A key is a dotted path, general to special: `personalize.content.profiled`. A grant on a key covers every key
below it. Purposes under `essential` are always granted.
"""

from __future__ import annotations

from types import MappingProxyType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ESSENTIAL = "essential"

# The data uses of fideslang's default taxonomy (December 2025), less the deprecated `personalize.profiling`.
DATA_USES: frozenset[str] = frozenset(
    """
    analytics analytics.reporting analytics.reporting.ad_performance analytics.reporting.campaign_insights
    analytics.reporting.content_performance analytics.reporting.system analytics.reporting.system.performance
    collect
    employment employment.recruitment
    essential essential.fraud_detection essential.legal_obligation essential.service
    essential.service.authentication essential.service.notifications essential.service.notifications.email
    essential.service.notifications.sms essential.service.operations essential.service.operations.improve
    essential.service.operations.support essential.service.payment_processing essential.service.security
    essential.service.upgrades
    finance
    functional functional.service functional.service.improve functional.storage
    functional.storage.privacy_preferences
    marketing marketing.advertising marketing.advertising.first_party
    marketing.advertising.first_party.contextual marketing.advertising.first_party.targeted
    marketing.advertising.frequency_capping marketing.advertising.negative_targeting
    marketing.advertising.profiling marketing.advertising.serving marketing.advertising.third_party
    marketing.advertising.third_party.targeted
    marketing.communications marketing.communications.email marketing.communications.sms
    operations
    personalize personalize.content personalize.content.limited personalize.content.profiled
    personalize.content.profiling personalize.system
    sales
    third_party_sharing third_party_sharing.legal_obligation
    train_ai_system
    """.split()  # noqa: SIM905 - a word list reads better
)

_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-.")
_PARENTS = frozenset(key.rpartition(".")[0] for key in DATA_USES)
_LEAVES = DATA_USES - _PARENTS

# What consent to each purpose of the TCF allows. Purposes 12 to 24 are not defined, and allow nothing.
TCF_DATA_USES: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {
        1: ("functional.storage",),
        2: (
            "marketing.advertising.first_party.contextual",
            "marketing.advertising.frequency_capping",
            "marketing.advertising.negative_targeting",
        ),
        3: ("marketing.advertising.profiling",),
        4: ("marketing.advertising.first_party.targeted", "marketing.advertising.third_party.targeted"),
        5: ("personalize.content.profiling",),
        6: ("personalize.content.profiled",),
        7: ("analytics.reporting.ad_performance",),
        8: ("analytics.reporting.content_performance",),
        9: ("analytics.reporting.campaign_insights",),
        10: ("functional.service.improve",),
        11: ("personalize.content.limited",),
    }
)


def covers(grant: str, purpose: str) -> bool:
    """Whether a grant on `grant` permits `purpose`: the same key, or one below it."""
    return purpose == grant or purpose.startswith(grant + ".")


def is_granted(purpose: str, grants: Iterable[str]) -> bool:
    """Whether `purpose` is essential or covered by one of `grants`."""
    return covers(ESSENTIAL, purpose) or any(covers(grant, purpose) for grant in grants)


def without(grants: Iterable[str], refusals: Iterable[str]) -> frozenset[str]:
    """What is left of `grants` when every key that a refusal touches is taken out.

    A grant below a refusal goes. A grant above one is replaced by those keys of the taxonomy below it that are not
    refused, and goes whole where the taxonomy has none below it.
    """
    refused = frozenset(refusals)
    above = frozenset(key for refusal in refused for key in lineage(refusal))
    left: set[str] = set()
    for grant in frozenset(grants):
        if not refused.isdisjoint(lineage(grant)):
            continue
        if grant in above:
            left |= without(_children(grant), refused)
        else:
            left.add(grant)
    return frozenset(left)


def common(one: Iterable[str], other: Iterable[str]) -> frozenset[str]:
    """The grants that `one` and `other` both give: the more special key of each pair that meets."""
    one, other = frozenset(one), frozenset(other)
    kept = {key for key in one if not other.isdisjoint(lineage(key))}
    return frozenset(kept | {key for key in other if not one.isdisjoint(lineage(key))})


def lineage(key: str) -> tuple[str, ...]:
    """The keys a grant on which covers `key`: itself, and those above it."""
    return _LINEAGES.get(key) or _lineage(key)


def _lineage(key: str) -> tuple[str, ...]:
    words = key.split(".")
    return tuple(".".join(words[:end]) for end in range(len(words), 0, -1))


_LINEAGES: Mapping[str, tuple[str, ...]] = {key: _lineage(key) for key in DATA_USES}


def _children(key: str) -> frozenset[str]:
    return frozenset(each for each in DATA_USES if each.rpartition(".")[0] == key)


def is_well_formed(key: str) -> bool:
    """Whether `key` is words of lower-case ASCII letters, digits, `_` and `-`, joined by dots."""
    return _CHARACTERS.issuperset(key) and all(key.split("."))


def is_data_use(key: str) -> bool:
    """Whether `key` is in fideslang's taxonomy, or a house's own word below one of its most special keys.

    `personalize.content.profiled.homepage` is one. `personalize.content.profilled` is not: no signal could ever
    grant it; nor is `essential.recommendations`, which would always be granted.
    """
    if key in DATA_USES:
        return True
    return is_well_formed(key) and any(covers(leaf, key) for leaf in _LEAVES)
