"""A visitor's consent from the command line: from a signal, or stated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from discreet_consent import Catalogue, Consent
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
    now_s: float,
) -> Consent:
    """The consent that the options of `consent_options` state: nothing but what is essential without any.

    Raises:
        click.UsageError: both a signal and grants are given.
    """
    from_signal = tcf is not None or region is not None
    if from_signal and (grants or grant_all):
        raise click.UsageError("consent comes from --tcf and --region, or from --grant, not from both")
    used = {purpose for attribute in catalogue for purpose in attribute.purposes}
    if from_signal:
        from discreet_consent import resolve

        return resolve(tcf=tcf, region=region or "", now_s=now_s)  # no region: the strictest regime
    for grant in grants:
        if not any(covers(grant, purpose) for purpose in used):
            note(f"no attribute of this bundle asks for `{grant}`{nearest(grant, used)}")
    granted = used if grant_all else set(grants)
    return Consent.granting(*sorted(granted)) if granted else Consent.refusing()


def consent_as_dict(consent: Consent, now_s: float) -> dict[str, Any]:
    return {
        "regime": consent.regime,
        "purposes": sorted(consent.purposes_at(now_s)),
        "reasons": list(consent.reasons),
    }
