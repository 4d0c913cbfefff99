"""What each signal says under a regime: spec/consent.md, "TC strings" to "Groups". The decoders are the product's."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from discreet_consent import TCF_DATA_USES, SignalError, TcString
from discreet_consent.signals import GppString, UsPrivacy, UsSection, consent_mode, gpp, tcf, us_privacy
from discreet_consent.signals.choices import CmpChoices
from discreet_consent.signals.cmp_cookies import commanders_act, cookiebot, cookieyes, didomi, onetrust
from discreet_consent.signals.consent_mode import ConsentMode

from .consent_rules import Rules, sensitive_items, us_table
from .consent_statements import Statement

DAY_S = 86_400
TCF_2_3_S = 1_772_323_200  # 1 March 2026
TOOLS = ("onetrust", "cookiebot", "cookieyes", "didomi", "commanders_act")
HEARD_AS = {"gcs": "consent_mode", "gcd": "consent_mode", **dict.fromkeys(TOOLS, "cmp")}
OPT_OUTS = ("SaleOptOut", "SharingOptOut", "TargetedAdvertisingOptOut")
NOTICES = (
    "SharingNotice",
    "ProcessingNotice",
    "SaleOptOutNotice",
    "SharingOptOutNotice",
    "TargetedAdvertisingOptOutNotice",
)
SENSITIVE_NOTICES = (
    "SensitiveDataProcessingOptOutNotice",
    "SensitiveDataLimitUseNotice",
    "SensitiveDataOptOutNotice",
)
CONSENTS = ("PersonalDataConsents", "AdditionalDataProcessingConsent")
CHILDREN = ("known_child_sensitive", "under_13", "under_13_sensitive")
REFUSALS = (1, 3)

Sent = tuple[str, str, object]


def statements_of(sent: Sequence[Sent], rules: Rules, now_s: float) -> list[Statement]:
    """Everything that the signals of one request say under `rules`."""
    size = sum(len(text) for _, _, text in sent if isinstance(text, str))
    if len(sent) > 64 or size > 65_536:
        return [
            Statement(source, carrier, unreadable=True)
            for source, carrier, _ in sent
            if _heard(source, rules)
        ]
    closed = [text for source, _, text in sent if source == "onetrust_closed"]
    found: list[Statement] = []
    for source, carrier, text in sent:
        if source != "onetrust_closed" and _heard(source, rules):
            said = _statements(source, carrier, text, closed, rules, now_s)
            found += map(_of_the_address, said) if _is_in_the_address(carrier, rules) else said
    return found


def _is_in_the_address(carrier: str, rules: Rules) -> bool:
    return carrier.startswith("parameter ") and not rules["parameters_grant"]


def _of_the_address(statement: Statement) -> Statement:
    return replace(statement, granted=frozenset(), chose_s=None, of_the_address=True)


def _heard(source: str, rules: Rules) -> bool:
    return source == "gpc" or rules.hears(HEARD_AS.get(source, source))


def _statements(
    source: str, carrier: str, text: object, closed: Sequence[object], rules: Rules, now_s: float
) -> Iterator[Statement]:
    if source == "gpc":
        if text == "1":
            yield Statement("gpc", carrier, refused=frozenset(rules["opt_out_ends"]))
        return
    try:
        for value in _decoded(source, text, closed):
            yield from _of_value(source, carrier, value, rules, now_s)
    except SignalError:
        yield Statement(source, carrier, unreadable=True)


def _decoded(source: str, text: object, closed: Sequence[object]) -> list[object]:
    """What the decoders make of a text: several values where several times of choice came with a cookie."""
    if not isinstance(text, str) or not all(isinstance(each, str) for each in closed):
        raise SignalError("not_text", "what came is not text")
    match source:
        case "tcf":
            return [tcf.decode(text)]
        case "gpp":
            return [gpp.decode(text)]
        case "us_privacy":
            return [us_privacy.decode(text)]
        case "consent_mode":
            return [consent_mode.decode(text)]
        case "gcs":
            return [consent_mode.decode_gcs(text)]
        case "gcd":
            return [consent_mode.decode_gcd(text)]
        case "onetrust":
            times: list[str | None] = [each for each in closed if isinstance(each, str)]
            if len(set(times)) > 2:
                raise SignalError("too_many", "which time counts cannot be told")
            return [onetrust.decode(text, each) for each in times or [None]]
        case _:
            decoders = {
                "cookiebot": cookiebot.decode,
                "cookieyes": cookieyes.decode,
                "didomi": didomi.decode,
                "commanders_act": commanders_act.decode,
            }
            return [decoders[source](text)]


def _of_value(source: str, carrier: str, value: object, rules: Rules, now_s: float) -> Iterator[Statement]:
    if isinstance(value, TcString):
        yield of_tc_string(value, carrier, rules, now_s)
    elif isinstance(value, GppString):
        yield from of_gpp(value, f"gpp in {carrier}", rules, now_s)
    elif isinstance(value, UsPrivacy):
        yield of_us_privacy(value, carrier, rules)
    elif isinstance(value, ConsentMode):
        yield of_consent_mode(value, source, carrier, rules)
    elif isinstance(value, CmpChoices):
        yield from of_cookie(value, source, carrier, rules, now_s)
    else:
        raise TypeError(type(value))


def end_of_day(now_s: float) -> float:
    """The midnight after `now_s`, UTC; no signal is before that of a clock that is none."""
    if not math.isfinite(now_s):
        return -math.inf
    return (math.floor(now_s / DAY_S) + 1) * DAY_S


# --- TC strings


def of_tc_string(tc: TcString, carrier: str, rules: Rules, now_s: float) -> Statement:
    """What a TC string says of all data uses of the TCF and of two sensitive items."""
    updated_s = tc.last_updated_ds / 10
    unreliable = _is_unreliable(tc, rules, now_s)
    granted = set[str]() if unreliable else _tcf_grants(tc, rules)
    speaks_of = {use for uses in TCF_DATA_USES.values() for use in uses}
    speaks_of |= {"sensitive:precise_geolocation", "sensitive:device_scanning"}
    return Statement(
        "tcf",
        carrier,
        granted=frozenset(granted),
        refused=frozenset(speaks_of - granted),
        chose_s=updated_s if updated_s <= end_of_day(now_s) else None,
        ends_s=None if unreliable else updated_s + rules["max_age_days"] * DAY_S,
    )


def _is_unreliable(tc: TcString, rules: Rules, now_s: float) -> bool:
    created_s, updated_s = tc.created_ds / 10, tc.last_updated_ds / 10
    if tc.policy_version < 4 or not tc.is_service_specific:
        return True
    if max(created_s, updated_s) > end_of_day(now_s):
        return True
    if now_s - updated_s >= rules["max_age_days"] * DAY_S:
        return True
    undisclosed = tc.disclosed_vendors is None and max(created_s, updated_s) >= TCF_2_3_S
    return bool(rules["require_disclosed_vendors"]) and undisclosed


def _tcf_grants(tc: TcString, rules: Rules) -> set[str]:
    if rules["core_fallback"]:
        consents, interests = set(tc.purposes_consent), set(tc.purposes_li)
    elif tc.publisher_tc is not None:
        consents, interests = set(tc.publisher_tc.purposes_consent), set(tc.publisher_tc.purposes_li)
    else:
        return set()
    purposes = consents | (interests & set(rules["legitimate_interest"]))
    if tc.purpose_one_treatment:
        purposes.discard(1)
    granted = {use for purpose in purposes for use in TCF_DATA_USES.get(purpose, ())}
    if granted and 1 in tc.special_feature_opt_ins:
        granted.add("sensitive:precise_geolocation")
    if granted and 2 in tc.special_feature_opt_ins:
        granted.add("sensitive:device_scanning")
    return granted


# --- GPP strings


def of_gpp(string: GppString, carrier: str, rules: Rules, now_s: float) -> Iterator[Statement]:
    """What the sections of the place say, or that the string is unreadable here."""
    if _is_unreadable_here(string, rules):
        yield Statement("gpp", carrier, unreadable=True)
        return
    of_the_place = {*rules["sections"], rules["section"]}
    for name, section in string.sections.items():
        if name not in of_the_place:
            continue
        if isinstance(section, UsSection):
            yield of_us_section(section, carrier, rules)
        elif isinstance(section, UsPrivacy) and rules.hears("us_privacy"):
            yield of_us_privacy(section, carrier, rules)
        elif isinstance(section, TcString) and rules.hears("tcf"):
            yield of_tc_string(section, carrier, rules, now_s)


def _is_unreadable_here(string: GppString, rules: Rules) -> bool:
    ids = set(string.section_ids)
    own = _section_id(rules["section"])
    if not ids:
        return False
    if any(each == 0 or each >= 28 for each in ids):
        return True
    if own is not None and own in ids and 24 <= own <= 27:
        return True
    if rules["kind"] == "opt_out" and any(8 <= each <= 27 for each in ids) and own not in ids:
        return True
    return not ids & {_section_id(each) for each in (*rules["sections"], rules["section"]) if each}


def _section_id(name: str | None) -> int | None:
    others = {"tcfeuv1": 1, "tcfeuv2": 2, "tcfcav1": 5, "uspv1": 6}
    drafts = {draft: int(each) for each, draft in us_table()["draft_sections"].items()}
    read = {each: section["id"] for each, section in us_table()["sections"].items()}
    return {**others, **drafts, **read}.get(name or "")


# --- US sections


def of_us_section(section: UsSection, carrier: str, rules: Rules) -> Statement:
    """What a section of the US says of advertising, of sensitive items, and of children."""
    refused, granted = set[str](), set[str]()
    if _opted_out(section):
        refused |= set(rules["opt_out_ends"])
    elif _was_told_and_stayed(section):
        granted |= set(rules["opt_in_grants"])
    items, refused_items = _sensitive(section, rules["sensitive"] == "never")
    return Statement(
        section.name,
        carrier,
        granted=frozenset(granted | (items - refused_items)),
        refused=frozenset(refused | refused_items),
        child=_is_child(section),
    )


def _values(section: UsSection, names: Sequence[str]) -> list[int]:
    return [value for name in names for value in section.items(name)]


def _opted_out(section: UsSection) -> bool:
    opt_outs, notices = _values(section, OPT_OUTS), _values(section, NOTICES)
    if any(each in REFUSALS for each in opt_outs):
        return True
    if 2 in opt_outs and any(each in (2, 3) for each in notices):
        return True
    if any(each in REFUSALS for each in _values(section, (*CONSENTS, "MspaServiceProviderMode"))):
        return True
    has_gpc = us_table()["sections"][section.name]["gpc_subsection"]
    return section.gpc is True or (section.gpc is None and has_gpc)


def _was_told_and_stayed(section: UsSection) -> bool:
    return all(each == 2 for each in _values(section, OPT_OUTS)) and all(
        each == 1 for each in _values(section, NOTICES)
    )


def _sensitive(section: UsSection, never: bool) -> tuple[set[str], set[str]]:
    """The items that are granted and that are refused; an item may be in both."""
    untold = any(each in (2, 3) for each in _values(section, SENSITIVE_NOTICES))
    granted, refused = set[str](), set[str]()
    for value, categories in zip(
        section.items("SensitiveDataProcessing"), sensitive_items(section.name), strict=False
    ):
        terms = {f"sensitive:{each}" for each in categories}
        if value in REFUSALS or (value == 2 and (untold or never)):
            refused |= terms
        elif value == 2:
            granted |= terms
    return granted, refused


def _is_child(section: UsSection) -> bool:
    ages = us_table()["sections"][section.name]["known_child_items"]
    for value, age in zip(section.items("KnownChildSensitiveDataConsents"), ages, strict=False):
        if value in ((1, 2, 3) if age in CHILDREN else REFUSALS):
            return True
    return False


# --- US Privacy strings


def of_us_privacy(usp: UsPrivacy, carrier: str, rules: Rules) -> Statement:
    """What a US Privacy string says."""
    said = (usp.notice, usp.opt_out_sale, usp.lspa_covered)
    nothing = Statement("us_privacy", carrier)
    if said == ("-", "-", "-"):
        return nothing
    if usp.opt_out_sale in ("Y", "-") or usp.notice == "N":
        return Statement("us_privacy", carrier, refused=frozenset(rules["opt_out_ends"]))
    if usp.notice == "Y" and rules["us_privacy_speaks"]:
        return Statement("us_privacy", carrier, granted=frozenset(rules["opt_in_grants"]))
    return nothing


# --- Groups


def of_consent_mode(mode: ConsentMode, source: str, carrier: str, rules: Rules) -> Statement:
    """What the keys of consent mode say, as groups."""
    states = mode.as_dict()
    chosen = {key for key, state in states.items() if state == "granted"}
    refused = {key for key, state in states.items() if state in ("denied", "denied_by_default")}
    granted_terms, refused_terms = by_groups(rules.groups["consent_mode"], chosen, refused)
    return Statement(source, carrier, granted=granted_terms, refused=refused_terms)


def by_groups(
    groups: Mapping[str, Sequence[str]], chosen: set[str], refused: set[str]
) -> tuple[frozenset[str], frozenset[str]]:
    """The terms all of whose groups were allowed by a choice, and those one of whose groups was refused."""
    terms = {term for each in groups.values() for term in each}
    stand_for = {term: {group for group, each in groups.items() if term in each} for term in terms}
    return (
        frozenset(term for term in terms if stand_for[term] <= chosen),
        frozenset(term for term in terms if stand_for[term] & refused),
    )


def of_cookie(
    choices: CmpChoices, source: str, carrier: str, rules: Rules, now_s: float
) -> Iterator[Statement]:
    """What a consent tool's cookie says, and the TC string in it."""
    groups = rules.groups.get(source, {})
    allowed = {group for group, state in choices.groups.items() if state}
    refused = {group for group, state in choices.groups.items() if not state}
    if not choices.whole:
        refused |= {group for group, terms in groups.items() if terms and group not in choices.groups}
    granted_terms, refused_terms = by_groups(
        groups, allowed if _counts(choices, rules, now_s) else set(), refused
    )
    if choices.gpc_may_be_on:
        refused_terms |= set(rules["opt_out_ends"])
    end_s = _end(choices, rules)
    dated = choices.is_choice and choices.chosen_s is not None and choices.chosen_s <= end_of_day(now_s)
    yield Statement(
        source,
        carrier,
        granted=granted_terms,
        refused=refused_terms,
        chose_s=choices.chosen_s if dated else None,
        ends_s=end_s if end_s is not None and now_s < end_s else None,
    )
    if choices.tcf is not None and rules.hears("tcf"):
        try:
            yield of_tc_string(tcf.decode(choices.tcf), f"{source} in {carrier}", rules, now_s)
        except SignalError:
            yield Statement("tcf", carrier, unreadable=True)


def _counts(choices: CmpChoices, rules: Rules, now_s: float) -> bool:
    """Whether the allowed groups of a cookie are consents in force."""
    if not choices.is_choice:
        return False
    if choices.chosen_s is None and not rules["accept_undated"]:
        return False
    if choices.chosen_s is None and choices.expires_s is None:
        return True
    if choices.chosen_s is not None and choices.chosen_s > end_of_day(now_s):
        return False
    end_s = _end(choices, rules)
    return end_s is None or now_s < end_s


def _end(choices: CmpChoices, rules: Rules) -> float | None:
    """When the choices of a cookie end: by their age, or by the tool's own date, whichever is first."""
    ends = [choices.expires_s]
    if choices.chosen_s is not None:
        ends.append(choices.chosen_s + rules["max_age_days"] * DAY_S)
    return min((each for each in ends if each is not None), default=None)
