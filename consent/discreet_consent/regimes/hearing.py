"""From what was read to what it says here: which signals a regime hears, and who judges each.

A GPP string is taken apart first: its TC string is one more TC string, its US Privacy string one more of these, and
each US section is a source of its own.
"""

from __future__ import annotations

from ..signals.received import Reading, Status
from .group_rules import cmp_statement, consent_mode_statement
from .statement import Statement
from .tcf_rules import tcf_statement
from .us_rules import gpc_statement, section_statement, us_privacy_statement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from ..signals.choices import CmpChoices
    from ..signals.gpp import GppString
    from .policy import Policy
    from .rules import Rules

# What a regime's `hears` calls each source.
HEARD_AS: Mapping[str, str] = {
    "tcf": "tcf",
    "gpp": "gpp",
    "us_privacy": "us_privacy",
    "gpc": "gpc",
    "consent_mode": "consent_mode",
    "gcs": "consent_mode",
    "gcd": "consent_mode",
    "onetrust": "cmp",
    "cookiebot": "cmp",
    "cookieyes": "cmp",
    "didomi": "cmp",
    "commanders_act": "cmp",
}
PARAMETER = (
    "parameter "  # how `read_request` calls a carrier that stands in the address, which anybody can write
)
_WORDS = {
    "tcf": "TC string",
    "gpp": "GPP string",
    "us_privacy": "US Privacy string",
    "consent_mode": "state of the consent mode",
}
_TCF, _TCF_CANADA, _US_PRIVACY = 2, 5, 6
_STATES = range(8, 28)  # sections of single states, the drafts 24 to 27 among them
_ELSEWHERE = frozenset({1, 4, _TCF_CANADA})  # of places without a regime here, or of none


def hear(readings: Iterable[Reading], rules: Rules, policy: Policy, now_s: float) -> tuple[Statement, ...]:
    """What each of `readings` says under `rules`; signals that the regime does not hear say nothing."""
    return tuple(
        statement
        if rules.parameters_grant or not statement.carrier.startswith(PARAMETER)
        else statement.refusing()
        for reading in readings
        if HEARD_AS.get(reading.source) in rules.hears
        for statement in _statements(reading, rules, policy, now_s)
    )


def _statements(reading: Reading, rules: Rules, policy: Policy, now_s: float) -> Iterator[Statement]:
    if reading.status is Status.UNREADABLE:
        yield unreadable(reading)
    elif reading.status is Status.READ:
        yield from _JUDGES[HEARD_AS[reading.source]](reading, rules, policy, now_s)


def unreadable(reading: Reading) -> Statement:
    """What a signal says that came and cannot be read: that nothing is allowed."""
    problem = reading.problem
    name = _WORDS.get(reading.source, f"signal `{reading.source}`")
    code = problem.code if problem else "unreadable"
    return Statement(
        reading.source,
        reading.carrier,
        unreadable=True,
        problem=code,
        reasons=[f"the {name} cannot be read ({code}: {problem}), which counts as a refusal"],
    )


def _hear_tcf(reading: Reading, rules: Rules, policy: Policy, now_s: float) -> Iterator[Statement]:  # noqa: ARG001 - every judge takes these
    value: Any = reading.value
    yield tcf_statement(value, reading.carrier, rules, now_s)


def _hear_us_privacy(reading: Reading, rules: Rules, policy: Policy, now_s: float) -> Iterator[Statement]:  # noqa: ARG001 - every judge takes these
    value: Any = reading.value
    yield us_privacy_statement(value, reading.carrier, rules)


def _hear_gpc(reading: Reading, rules: Rules, policy: Policy, now_s: float) -> Iterator[Statement]:  # noqa: ARG001 - every judge takes these
    yield gpc_statement(reading.carrier, rules)


def _hear_consent_mode(reading: Reading, rules: Rules, policy: Policy, now_s: float) -> Iterator[Statement]:  # noqa: ARG001 - every judge takes these
    value: Any = reading.value
    groups = policy.groups.get("consent_mode", {})
    yield consent_mode_statement(value, reading.source, reading.carrier, groups)


def _hear_cmp(reading: Reading, rules: Rules, policy: Policy, now_s: float) -> Iterator[Statement]:
    value: Any = reading.value
    choices: CmpChoices = value
    yield cmp_statement(choices, reading.carrier, policy.groups.get(choices.cmp, {}), rules, now_s)
    if choices.tcf is not None and "tcf" in rules.hears:
        from ..signals.received import read_text

        inner = read_text("tcf", f"{reading.carrier}, its TC string", choices.tcf)
        yield from _statements(inner, rules, policy, now_s)


def _hear_gpp(reading: Reading, rules: Rules, policy: Policy, now_s: float) -> Iterator[Statement]:  # noqa: ARG001 - every judge takes these
    value: Any = reading.value
    gpp: GppString = value
    objection = _speaks_elsewhere(gpp, rules)
    if objection:
        yield Statement("gpp", reading.carrier, unreadable=True, problem="not_for_here", reasons=[objection])
        return
    ours = rules.sections | {rules.section}
    for number, section in zip(gpp.section_ids, _in_order(gpp), strict=True):
        if number not in ours or section is None:
            continue
        carrier = f"{reading.carrier}, section {number}"
        if number == _TCF:
            if "tcf" in rules.hears:
                yield tcf_statement(section, carrier, rules, now_s)
        elif number == _US_PRIVACY:
            if "us_privacy" in rules.hears:
                yield us_privacy_statement(section, carrier, rules)
        else:
            yield section_statement(section, carrier, rules)


def _in_order(gpp: GppString) -> list[Any]:
    sections = iter(gpp.sections.values())
    opaque = frozenset(gpp.opaque_section_ids)
    return [None if number in opaque else next(sections) for number in gpp.section_ids]


def _speaks_elsewhere(gpp: GppString, rules: Rules) -> str | None:
    """Why a GPP string that can be read says nothing that may be relied on here, or None.

    The sections of a string are its statement of which laws apply. One that does not name this place contradicts the
    region, or is not whole.
    """
    ids = frozenset(gpp.section_ids)
    opaque = frozenset(gpp.opaque_section_ids)
    strange = sorted(opaque - _ELSEWHERE - frozenset(_STATES))
    if strange:
        return (
            f"the GPP string holds section {strange[0]}, which is not known here, so it counts as a refusal"
        )
    if rules.section in opaque:
        return "the GPP string holds this state's section in a form that is still a draft: it counts as a refusal"
    states = ids.intersection(_STATES)
    if rules.kind == "opt_out" and states and rules.section not in states:
        return "the GPP string speaks for another state than this region, so it counts as a refusal"
    if ids and not ids & (rules.sections | {rules.section}):
        return "the GPP string holds no section for this region, so it counts as a refusal"
    return None


_JUDGES = {
    "tcf": _hear_tcf,
    "gpp": _hear_gpp,
    "us_privacy": _hear_us_privacy,
    "gpc": _hear_gpc,
    "consent_mode": _hear_consent_mode,
    "cmp": _hear_cmp,
}
