"""Sensitive items: the kinds of data that need a grant of their own beside that of their purposes.

The words are those of GPP's US sections, and four for what the GDPR and the TCF set apart besides.
"""

from __future__ import annotations

SENSITIVE: frozenset[str] = frozenset(
    """
    race_ethnicity religion health sexual_orientation citizenship_immigration genetic biometric precise_geolocation
    government_id financial_account union_membership private_communications consumer_health_data crime_victim
    national_origin transgender_nonbinary
    political_opinions sex_life criminal_record device_scanning
    """.split()  # noqa: SIM905 - a word list reads better
)


def nearest_item(word: object) -> str:
    """The hint "; did you mean `health`?" for a word that is no item; without a near one, all items."""
    from difflib import get_close_matches

    near = get_close_matches(word, sorted(SENSITIVE), n=1) if isinstance(word, str) else []
    return f"; did you mean `{near[0]}`?" if near else f"; it is one of {', '.join(sorted(SENSITIVE))}"
