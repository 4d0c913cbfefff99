"""A visitor's consent from the command line: from a signal, or stated."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from discreet_consent import Catalogue, Consent, GdprPolicy
from discreet_consent.purposes import covers

from ..errors import nearest
from .output import note

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--tcf", metavar="STRING", help="The TCF consent string that the visitor's browser sent."),
    click.option("--region", metavar="REGION", help="Where the visitor is, such as `IT` or `IT-25`."),
    click.option("--grant", "grants", multiple=True, metavar="PURPOSE", help="State a grant; repeatable."),
    click.option("--grant-all", is_flag=True, help="Grant every purpose that the bundle uses."),
)
_POLICY_OPTIONS = (
    click.option(
        "--max-age-days", type=int, metavar="N", help="A consent string counts for N days. [default: 180]"
    ),
    click.option(
        "--core-fallback",
        is_flag=True,
        help="The string's core speaks for a site without a publisher section.",
    ),
    click.option(
        "--legitimate-interest",
        multiple=True,
        type=int,
        metavar="N",
        help="TCF purpose that may rest on legitimate interest: 2, 7 to 11; repeatable.",
    ),
    click.option(
        "--require-disclosed-vendors",
        is_flag=True,
        help="Refuse a string of March 2026 or later that does not say which vendors were disclosed.",
    ),
)


def policy_options(decorated: Callable[..., None]) -> Callable[..., None]:
    """The settings of `gdpr_opt_in`; the command gets them as `policy`, None when none was stated.

    Raises:
        PolicyError: when the command is run, for settings that the regime does not allow.
    """

    @functools.wraps(decorated)
    def with_policy(
        *,
        max_age_days: int | None,
        core_fallback: bool,
        legitimate_interest: Sequence[int],
        require_disclosed_vendors: bool,
        **others: Any,
    ) -> None:
        stated: dict[str, Any] = {
            "max_age_days": max_age_days,
            "core_fallback": core_fallback or None,
            "legitimate_interest": legitimate_interest or None,
            "require_disclosed_vendors": require_disclosed_vendors or None,
        }
        stated = {name: value for name, value in stated.items() if value is not None}
        decorated(policy=GdprPolicy(**stated) if stated else None, **others)

    for option in reversed(_POLICY_OPTIONS):
        with_policy = option(with_policy)
    return with_policy


def consent_options(decorated: _Decorated) -> _Decorated:
    """`--tcf`, `--region`, `--grant` and `--grant-all`."""
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated


def consent_from(
    catalogue: Catalogue,
    *,
    tcf: str | None,
    region: str | None,
    grants: Sequence[str],
    grant_all: bool,
    policy: GdprPolicy | None,
    now_s: float,
) -> Consent:
    """The consent that the options of `consent_options` state: nothing but what is essential without any.

    Raises:
        click.UsageError: both a signal and grants are given, or settings without a signal to judge.
    """
    from_signal = tcf is not None or region is not None
    if from_signal and (grants or grant_all):
        raise click.UsageError("consent comes from --tcf and --region, or from --grant, not from both")
    if policy is not None and not from_signal:
        raise click.UsageError("the settings of the consent policy judge a signal; state --tcf and --region")
    used = {purpose for attribute in catalogue for purpose in attribute.purposes}
    if from_signal:
        if region is None:
            note("no region was stated; the strictest rules apply")
        return resolved(tcf, region, policy, now_s)
    for grant in grants:
        if not any(covers(grant, purpose) for purpose in used):
            note(f"no attribute of this bundle asks for `{grant}`{nearest(grant, used)}")
    granted = used if grant_all else set(grants)
    return Consent.granting(*sorted(granted)) if granted else Consent.refusing()


def resolved(tcf: str | None, region: str | None, policy: GdprPolicy | None, now_s: float) -> Consent:
    """The consent that a signal comes to: without a region under the strictest regime, without a policy by default."""
    from discreet_consent import resolve

    return resolve(tcf=tcf, region=region or "", now_s=now_s, gdpr=policy or GdprPolicy())


def consent_as_dict(consent: Consent, now_s: float) -> dict[str, Any]:
    return {
        "regime": consent.regime,
        "purposes": sorted(consent.purposes_at(now_s)),
        "reasons": list(consent.reasons),
    }
