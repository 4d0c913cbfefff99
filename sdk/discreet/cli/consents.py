"""A visitor's consent from the command line: from signals, by the site's settings, or stated."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from discreet_consent import SENSITIVE, Catalogue, Consent, Policy, PolicyError
from discreet_consent.purposes import covers

from ..errors import nearest
from .options import EXISTING_FILE
from .output import note
from .signals import Sent, remark_on

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--grant", "grants", multiple=True, metavar="PURPOSE", help="State a grant; repeatable."),
    click.option(
        "--grant-sensitive",
        "items",
        multiple=True,
        metavar="ITEM",
        type=click.Choice(sorted(SENSITIVE)),
        help="State a grant of a sensitive item, such as `health`; repeatable.",
    ),
    click.option(
        "--grant-all", is_flag=True, help="Grant every purpose and sensitive item that the bundle uses."
    ),
)
_POLICY_OPTION = click.option(
    "--policy",
    "policy_file",
    type=EXISTING_FILE,
    metavar="FILE",
    help="The site's own regimes, regions and groups (TOML), laid over the package's.",
)
_POLICY_OPTIONS = (
    _POLICY_OPTION,
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
    """The site's policy: its file, and settings of the opt-in regimes; the command gets `policy`, None without any.

    Raises:
        PolicyError: when the command is run, for settings that a regime does not allow.
    """

    @functools.wraps(decorated)
    def with_policy(
        *,
        policy_file: Path | None,
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
        policy = None if policy_file is None else read_policy(policy_file)
        if stated:
            policy = (policy or Policy.default()).opting_in(**stated)
        decorated(policy=policy, **others)

    for option in reversed(_POLICY_OPTIONS):
        with_policy = option(with_policy)
    return with_policy


def policy_option(decorated: Callable[..., None]) -> Callable[..., None]:
    """`--policy FILE` alone; the command gets it as `policy`, the package's own where none was stated."""

    @functools.wraps(decorated)
    def with_policy(*, policy_file: Path | None, **others: Any) -> None:
        policy = Policy.default() if policy_file is None else read_policy(policy_file)
        decorated(policy=policy, **others)

    return _POLICY_OPTION(with_policy)


def read_policy(path: Path) -> Policy:
    """The package's policy with the file at `path` laid over it; an error names the file.

    Raises:
        PolicyError: it is no policy.
    """
    try:
        return Policy.read(path)
    except PolicyError as error:
        message = str(error)
        if str(path) in message:
            raise
        raise PolicyError(f"`{path}`: {message}") from error


def grant_options(decorated: _Decorated) -> _Decorated:
    """`--grant`, `--grant-sensitive` and `--grant-all`."""
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated


def consent_from(
    catalogue: Catalogue,
    *,
    sent: Sent,
    grants: Sequence[str],
    items: Sequence[str],
    grant_all: bool,
    policy: Policy | None,
    now_s: float,
) -> Consent:
    """The consent that signals come to or grants state: nothing but what is essential without any.

    Raises:
        click.UsageError: both signals and grants are given, or settings without a signal to judge.
    """
    if sent.is_stated and (grants or items or grant_all):
        raise click.UsageError(
            "consent comes from signals (--tcf, --cookie, --region, ...) or from --grant, not from both"
        )
    if policy is not None and not sent.is_stated:
        raise click.UsageError(
            "the settings of the consent policy judge signals; state --tcf and --region, or --cookie or others"
        )
    if sent.is_stated:
        remark_on(sent, policy)
        return sent.consent(policy, now_s)
    used = {purpose for attribute in catalogue for purpose in attribute.purposes}
    sensitive = {each.sensitive for each in catalogue if each.sensitive is not None}
    for grant in grants:
        if not any(covers(grant, purpose) for purpose in used):
            note(f"no attribute of this bundle asks for `{grant}`{nearest(grant, used)}")
    for item in items:
        if item not in sensitive:
            note(
                f"no attribute of this bundle asks for the sensitive item `{item}`{nearest(item, sensitive)}"
            )
    granted = used if grant_all else set(grants)
    allowed = sensitive if grant_all else set(items)
    if not granted and not allowed:
        return Consent.refusing()
    return Consent.granting(*sorted(granted), sensitive=sorted(allowed))


def consent_as_dict(consent: Consent, now_s: float) -> dict[str, Any]:
    """What a consent comes to at `now_s`, and why."""
    purposes, sensitive, contextual_only = consent.grants_at(now_s)
    return {
        "regime": consent.regime,
        "purposes": sorted(purposes),
        "sensitive": sorted(sensitive),
        "contextual_only": contextual_only,
        "reasons": list(consent.reasons),
    }
