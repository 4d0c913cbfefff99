"""`resolve`: signals in, one consent out; and what is remembered of signals that come again.

A consent is resolved for a day (UTC). Within it the same signals give the same consent, until it expires.
"""

from __future__ import annotations

from ..consent import Consent
from ..signals.received import ARGUMENT, Signals
from ..values import finite_number
from .account import Account
from .hearing import hear
from .policy import default_policy
from .rules import SENSITIVE_TERM
from .statement import Statement, Verdict, combine, in_force, meet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from .policy import Policy
    from .rules import Rules

DAY_S = 86_400
_STATED = ("tcf", "gpp", "us_privacy", "gpc", "consent_mode")  # the sources that `resolve` takes by name
UNKNOWN = "unknown"  # the regime of a region that has none: only what every preset allows
MAX_REMEMBERED_SIZE = 4_096  # characters of signals, and their number: of more nothing is remembered
MAX_REMEMBERED_READINGS = 8
_default: Policy | None = None


def resolve(
    *,
    tcf: str | None = None,
    gpp: str | None = None,
    us_privacy: str | None = None,
    gpc: str | bool | None = None,
    consent_mode: str | Mapping[str, Any] | None = None,
    signals: Signals | None = None,
    region: str | None,
    now_s: float,
    age_years: float | None = None,
    policy: Policy | None = None,
) -> Consent:
    """Judge the visitor's signals under the regime of `region`. Never raises because of a signal.

    Every text is as received, percent-decoded; None where there was none. An empty text is not absent: it is what is
    left of a signal that was cut, and counts as a refusal.

    Args:
        tcf: An IAB TC string.
        gpp: An IAB GPP string.
        us_privacy: A US Privacy string, such as `1YNN`.
        gpc: The value of the header `Sec-GPC`, or whether the browser says `globalPrivacyControl`.
        consent_mode: Google's consent mode as `{"default": {...}, "update": {...}}`, or that as JSON text.
        signals: More of what came: cookies and headers, see `read_request`.
        region: An ISO 3166-1 code (`IT`) or ISO 3166-2 code (`US-CA`), in either case; None where it is not known.
            Unknown regions get only what every preset allows.
        now_s: Unix seconds, UTC.
        age_years: The visitor's age where it is known; what is not a number counts as a child's.
        policy: The site's regimes and settings; None: the package's.
    Source: spec/consent.md, "From signals to consent".
    """
    if policy is None:
        policy = _default or _first_default()
    state = consent_mode if consent_mode is None or isinstance(consent_mode, str) else _as_text(consent_mode)
    sent = None
    if signals is not None:
        if type(signals) is not Signals:
            raise TypeError("`signals` are Signals: see `read_request`")
        sent = signals.sent
    # Numbers of other types may equal these, and are judged otherwise: of them nothing is remembered.
    day = now_s // DAY_S if type(now_s) is float or type(now_s) is int else None
    types = None if gpc is None and age_years is None else (type(gpc), type(age_years))
    key = (tcf, gpp, us_privacy, gpc, state, region, age_years, sent, types, day)
    try:
        remembered = policy.memory[key]
    except (KeyError, TypeError):  # not seen today; or what came is not even text
        return _resolve_anew(key, signals, now_s, policy)
    if remembered.expires_s is None or now_s < remembered.expires_s:
        return remembered
    return _resolve_anew(key, signals, now_s, policy)


def _first_default() -> Policy:
    global _default  # noqa: PLW0603 - looked up once, for the sake of signals seen before
    _default = default_policy()
    return _default


def _resolve_anew(key: tuple[Any, ...], signals: Signals | None, now_s: float, policy: Policy) -> Consent:
    came = _received(key[:5], signals)
    region, age_years, *_, day = key[5:]
    consent = judge(came, region=region, now_s=now_s, age_years=age_years, policy=policy)
    if day is not None and _is_in_force(consent, now_s) and _is_small(came) and all(map(_is_plain, key[:7])):
        policy.remember(key, consent)
    return consent


def _is_in_force(consent: Consent, now_s: float) -> bool:
    return consent.resolved_s is not None and (consent.expires_s is None or now_s < consent.expires_s)


def _is_small(came: Signals) -> bool:
    return came.size <= MAX_REMEMBERED_SIZE and len(came.readings) <= MAX_REMEMBERED_READINGS


def judge(
    signals: Signals,
    *,
    region: object,
    now_s: float,
    age_years: object = None,
    policy: Policy,
) -> Consent:
    """What `resolve` does with signals that it has not seen before; it remembers nothing."""
    clock_s = finite_number(now_s)
    clock_s = float("nan") if clock_s is None else clock_s
    rules = policy.rules_for(region)
    applied = policy.presets if rules is None else (rules,)
    heard = tuple(_hear(signals, each, policy, clock_s, age_years) for each in applied)
    verdicts = [_verdict(statements, each) for statements, each in zip(heard, applied, strict=True)]
    verdict = verdicts[0] if rules is not None else meet(verdicts)
    return _consent(
        verdict, Account(signals, region, applied, heard, policy.version), clock_s, known=rules is not None
    )


def _hear(
    signals: Signals, rules: Rules, policy: Policy, now_s: float, age_years: object
) -> tuple[Statement, ...]:
    statements = [*hear(signals.readings, rules, policy, now_s), *_age(age_years, rules)]
    return in_force(statements)


def _verdict(statements: tuple[Statement, ...], rules: Rules) -> Verdict:
    verdict = combine(statements, default_terms(rules))
    if rules.sensitive != "never":
        return verdict
    granted = frozenset(term for term in verdict.granted if not term.startswith(SENSITIVE_TERM))
    return Verdict(granted, contextual_only=verdict.contextual_only, expires_s=verdict.expires_s)


def default_terms(rules: Rules) -> frozenset[str]:
    """The terms granted under `rules` where no signal speaks: the regime's default, and the sensitive items to which
    the region's law lets visitors object."""
    if rules.sensitive != "opt_out" or rules.section is None:
        return rules.default
    from ..signals.us_sections import US_SECTIONS

    layout = US_SECTIONS.get(rules.section)  # of a draft, nobody knows the items
    items = layout.sensitive_items if layout else ()
    return rules.default | {SENSITIVE_TERM + name for names in items for name in names}


def _age(age_years: object, rules: Rules) -> Iterator[Statement]:
    """What a known age says. One that is not a number is not absent: it counts as a child's."""
    if age_years is None:
        return
    years = finite_number(age_years)
    if years is None or years < rules.child_age:
        reason = f"the visitor is known to be younger than {rules.child_age:g}: only contextual content"
        yield Statement("age", ARGUMENT, contextual_only=True, reasons=[reason])
    elif years < rules.minor_age:
        reason = f"the visitor is known to be younger than {rules.minor_age:g}: no advertising from profiles"
        yield Statement("age", ARGUMENT, refused=rules.opt_out_ends, reasons=[reason])


def _consent(verdict: Verdict, account: Account, now_s: float, *, known: bool) -> Consent:
    items = {term for term in verdict.granted if term.startswith(SENSITIVE_TERM)}
    return Consent(
        verdict.granted - items,
        sensitive=[term.removeprefix(SENSITIVE_TERM) for term in items] if known else (),
        contextual_only=verdict.contextual_only,
        reasons=account.reasons,
        regime=account.rules[0].regime if known else UNKNOWN,
        resolved_s=(now_s // DAY_S + 1) * DAY_S if now_s == now_s else None,  # noqa: PLR0124 - NaN alone differs
        expires_s=verdict.expires_s,
        account=account,
    )


def _received(texts: tuple[Any, ...], signals: Signals | None) -> Signals:
    stated: dict[str, object] = dict(zip(_STATED, texts, strict=True))
    gpc = stated["gpc"]
    if isinstance(gpc, bytes):  # as ASGI has headers
        stated["gpc"] = gpc.decode("latin-1")
    elif type(gpc) in {bool, int}:
        stated["gpc"] = "1" if gpc == 1 else None
    came = Signals((source, ARGUMENT, text) for source, text in stated.items())
    return came if signals is None else signals.together(came) if came else signals


def _as_text(state: object) -> object:
    """The consent mode's state as the JSON text that its decoder reads; what has none stays, and is unreadable."""
    import json
    from collections.abc import Mapping

    if not isinstance(state, Mapping):
        return state
    try:
        parts = {name: dict(part) if isinstance(part, Mapping) else part for name, part in state.items()}
        return json.dumps(parts, sort_keys=True, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return state


def _is_plain(value: object) -> bool:
    return value is None or type(value) in {str, int, float, bool}
