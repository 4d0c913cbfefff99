"""A region as a user writes it: what is easily taken for a code and is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .output import note

if TYPE_CHECKING:
    from discreet_consent import Policy

_MEANT = {"UK": "GB", "USA": "US", "EL": "GR"}
_LONGEST = 40  # characters of a region that a message repeats


def remark_on_region(region: str, policy: Policy | None) -> None:
    """Say, of a region without a row in the table, that the strictest rules apply, and what a region is."""
    from discreet_consent import Policy as AnyPolicy

    if (policy or AnyPolicy.default()).rules_for(region) is None:
        note(
            f"the table has no row for `{region[:_LONGEST]}`, so the strictest rules apply; {what_it_is(region)}"
        )


def what_it_is(region: str) -> str:
    """What a region is, with the code that was probably meant."""
    country, hyphen, part = region.upper().partition("-")
    meant = _MEANT.get(country)
    hint = f"; did you mean `{meant}{hyphen}{part}`?" if meant else ""
    return f"a region is an ISO 3166 code such as `DE` or `US-CA`{hint}"
