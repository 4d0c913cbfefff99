"""Why a consent is what it is, for people: a privacy officer can paste it into a report.

It holds no text of a signal and no value of an attribute.
"""

from __future__ import annotations

from .immutable import Immutable, put
from .purposes import ESSENTIAL, TCF_DATA_USES, covers, is_granted
from .regimes.statement import CONTEXTUAL, Says, holds
from .regimes.tcf_rules import NOT_IN_FORCE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from .consent import Consent
    from .regimes.account import Account
    from .regimes.rules import Rules
    from .regimes.statement import Statement

_SENSITIVE = "sensitive:"
DAY_S = 86_400
_NOTHING_OF_GPP = "it holds no section that counts here, or a newer choice counts, so it says nothing"
_TWICE = "it came more than once with different values; only what all of them allow counts"
# What can decide a purpose. `default`: no signal speaks of it. spec/consent.md, "Explaining", has the list.
RULES = (
    "unreadable", "refused", "not_in_force", "granted", "default", "not_granted", "disagreement", "child", "region",
    "essential", "stated",
)  # fmt: skip


class Ruling(Immutable):
    """What decided one purpose or sensitive item.

    Args:
        term: A data-use key, or `sensitive:` and an item.
        granted: Whether it is granted.
        rule: One of `RULES`.
        by: The signals that decided, as `source (carrier)`.
    """

    __slots__ = ("by", "granted", "rule", "term")

    term: str
    granted: bool
    rule: str
    by: tuple[str, ...]

    def __init__(self, term: str, *, granted: bool, rule: str, by: Iterable[str] = ()) -> None:
        put(self, "term", term)
        put(self, "granted", granted)
        put(self, "rule", rule)
        put(self, "by", tuple(by))

    def as_dict(self) -> dict[str, object]:
        return {"term": self.term, "granted": self.granted, "rule": self.rule, "by": list(self.by)}

    def __repr__(self) -> str:
        return f"Ruling({self.term!r}, {'granted' if self.granted else 'not granted'}, {self.rule})"


class Said(Immutable):
    """What became of one signal: absent, unreadable, read, or not heard under the regime, and what it said.

    Args:
        status: `absent`, `unreadable`, `read` or `not_heard`; `replaced`: a newer choice of the same source counts.
        reasons: Sentences; empty where it said nothing.
        problem: The code of what is wrong with it; None otherwise.
        expires_s: Unix seconds until which it counts; None: it has no age.
    """

    __slots__ = ("carrier", "expires_s", "problem", "reasons", "source", "status")

    source: str
    carrier: str
    status: str
    reasons: tuple[str, ...]
    problem: str | None
    expires_s: float | None

    def __init__(
        self,
        source: str,
        carrier: str,
        status: str,
        *,
        reasons: Iterable[str] = (),
        problem: str | None = None,
        expires_s: float | None = None,
    ) -> None:
        put(self, "source", source)
        put(self, "carrier", carrier)
        put(self, "status", status)
        put(self, "reasons", tuple(reasons))
        put(self, "problem", problem)
        put(self, "expires_s", expires_s)

    def as_dict(self) -> dict[str, object]:
        return {
            "source": self.source,
            "carrier": self.carrier,
            "status": self.status,
            "reasons": list(self.reasons),
            "problem": self.problem,
            "expires": instant(self.expires_s),
        }

    def __repr__(self) -> str:
        return f"Said({self.source!r}, {self.carrier!r}, {self.status})"


class Explanation(Immutable):
    """A consent explained.

    Attributes:
        regime: The regime applied, or `unknown` for the strictest of all.
        region: The region as given, where it is a code.
        policy_version: The version of the table of regimes; None for a consent that was stated.
        judged_s: Unix seconds of the beginning of the UTC day for which the signals were judged; None: they were not.
        purposes: The purposes granted: a key covers the keys below it.
        sensitive: The sensitive items granted.
        signals: What became of each signal that came, and which of those that the regime hears did not.
        rulings: What decided each purpose that any rule or signal speaks of, and each sensitive item.
        contextual_only: Whether the visitor is known to be a child.
        expires_s: Unix seconds from which nothing is granted; None: no expiry.
        reasons: The consent's reasons.
    """

    __slots__ = (
        "_account", "_consent", "contextual_only", "expires_s", "judged_s", "policy_version", "purposes", "reasons",
        "regime", "region", "rulings", "sensitive", "signals",
    )  # fmt: skip

    regime: str
    region: str | None
    policy_version: str | None
    judged_s: float | None
    purposes: tuple[str, ...]
    sensitive: tuple[str, ...]
    signals: tuple[Said, ...]
    rulings: tuple[Ruling, ...]
    contextual_only: bool
    expires_s: float | None
    reasons: tuple[str, ...]
    _consent: Consent
    _account: Account | None

    def __init__(self, consent: Consent, account: Account | None) -> None:
        put(self, "regime", consent.regime)
        put(self, "region", account.region if account else None)
        put(self, "policy_version", account.policy_version if account else None)
        put(self, "judged_s", None if consent.resolved_s is None else consent.resolved_s - DAY_S)
        put(self, "purposes", tuple(sorted(consent.purposes)))
        put(self, "sensitive", tuple(sorted(consent.sensitive)))
        put(self, "signals", tuple(_said(account)) if account else ())
        put(self, "rulings", tuple(_rulings(consent, account)))
        put(self, "contextual_only", consent.contextual_only)
        put(self, "expires_s", consent.expires_s)
        put(self, "reasons", consent.reasons)
        put(self, "_consent", consent)
        put(self, "_account", account)

    def ruling(self, term: str) -> Ruling:
        """What decided `term`, a data use or `sensitive:` and an item, whether or not a rule or signal speaks of it."""
        return _ruling_of(term, self._consent, self._account)

    @property
    def unreadable(self) -> tuple[Said, ...]:
        """The signals that came and could not be read, or not be relied on: each of them refuses everything."""
        return tuple(each for each in self.signals if each.status == "unreadable")

    def as_dict(self) -> dict[str, object]:
        """The explanation, made of what JSON has; instants as ISO 8601 in UTC. spec/consent.md, "Explaining"."""
        return {
            "regime": self.regime,
            "region": self.region,
            "policy_version": self.policy_version,
            "judged": instant(self.judged_s),
            "purposes": list(self.purposes),
            "sensitive": list(self.sensitive),
            "contextual_only": self.contextual_only,
            "expires": instant(self.expires_s),
            "signals": [each.as_dict() for each in self.signals],
            "rulings": [each.as_dict() for each in self.rulings],
            "reasons": list(self.reasons),
        }

    def as_text(self) -> str:
        """The explanation as plain text for a report: the outcome, what each signal said, what decided, the expiry."""
        from .explanation_text import lines

        return "\n".join(lines(self)) + "\n"

    def __repr__(self) -> str:
        return f"Explanation(regime={self.regime!r}, region={self.region!r})"


def explain(consent: Consent, account: Account | None) -> Explanation:
    """Explain `consent`; without an account of how it was resolved, it was stated by the caller."""
    return Explanation(consent, account)


def _said(account: Account) -> Iterator[Said]:
    from .regimes.hearing import HEARD_AS

    heard = tuple(dict.fromkeys(each for statements in account.heard for each in statements))
    came = [(each.source, each.carrier) for each in account.came]  # each value of a carrier once
    several = {each for each in came if came.count(each) > 1}
    heard_of = {(each.source, each.carrier) for each in heard}
    hears = frozenset().union(*(rules.hears for rules in account.rules))
    yield from _of_statements(heard, several)
    for source, carrier, status in dict.fromkeys(
        (each.source, each.carrier, each.status.value) for each in account.came
    ):
        in_part = source == "gpp" and any(at.startswith(f"{carrier},") for _, at in heard_of)
        if (source, carrier) in heard_of or in_part:
            continue
        if status == "absent" or HEARD_AS.get(source) not in hears:
            yield Said(source, carrier, status if status == "absent" else "not_heard")
        elif source == "gpp":
            yield Said(source, carrier, "read", reasons=[_NOTHING_OF_GPP])
        else:
            yield Said(source, carrier, "replaced")
    sources = {HEARD_AS.get(each.source) for each in account.came}
    for kind in sorted(hears - sources):
        yield Said(kind, "", "absent")


def _of_statements(heard: Iterable[Statement], several: Collection[tuple[str, str]]) -> Iterator[Said]:
    merged: dict[tuple[str, str], list[Statement]] = {}
    for each in heard:
        merged.setdefault((each.source, each.carrier), []).append(each)
    for (source, carrier), statements in merged.items():
        problem = next((each.problem for each in statements if each.unreadable), None)
        ends = [each.expires_s for each in statements if each.expires_s is not None]
        reasons = dict.fromkeys(reason for each in statements for reason in each.reasons)
        status = "unreadable" if problem else "read"
        if not problem and ((source, carrier) in several or ("gpp", carrier.partition(", ")[0]) in several):
            reasons[_TWICE] = None
        yield Said(
            source, carrier, status, reasons=reasons, problem=problem, expires_s=min(ends, default=None)
        )


def _rulings(consent: Consent, account: Account | None) -> Iterator[Ruling]:
    granted = consent.purposes | {_SENSITIVE + item for item in consent.sensitive}
    for term in sorted(_terms(granted, account)):
        yield _ruling_of(term, consent, account)


def _ruling_of(term: str, consent: Consent, account: Account | None) -> Ruling:
    item = term.removeprefix(_SENSITIVE)
    given = item in consent.sensitive if item != term else is_granted(term, consent.purposes)
    if covers(ESSENTIAL, term):
        return Ruling(term, granted=True, rule="essential")
    if account is None:
        return Ruling(term, granted=given, rule="stated")
    every = [
        _ruling(term, given, rules, heard, child=consent.contextual_only)
        for rules, heard in zip(account.rules, account.heard, strict=True)
    ]
    if len(every) == 1:
        return every[0]
    against = next(
        (each for each in every if each.rule in {"unreadable", "refused", "not_in_force", "child"}), None
    )
    decided = against or (every[0] if given else Ruling(term, granted=False, rule="region"))
    return Ruling(term, granted=given, rule=decided.rule, by=decided.by)


def _terms(granted: Iterable[str], account: Account | None) -> set[str]:
    """Every term that a rule or signal speaks of, and what the TCF knows: of two that meet, the more special."""
    named = set(granted)
    if account is not None:
        named.update(use for uses in TCF_DATA_USES.values() for use in uses)
        for rules, statements in zip(account.rules, account.heard, strict=True):
            named |= rules.default
            for each in statements:
                named |= each.granted | each.refused
    return {term for term in named if not any(term != other and covers(term, other) for other in named)}


def _ruling(term: str, granted: bool, rules: Rules, heard: tuple[Statement, ...], *, child: bool) -> Ruling:
    from .regimes.resolution import default_terms

    said_of = [(f"{each.source} ({each.carrier})", each.says(term)) for each in heard]
    by_default = any(covers(default, term) for default in default_terms(rules))
    would_hold, says = holds((said for _, said in said_of), by_default)
    by = dict.fromkeys(name for name, said in said_of if said is says)  # one carrier may come several times
    if child and would_hold and not granted and not any(covers(each, term) for each in CONTEXTUAL):
        who = dict.fromkeys(f"{each.source} ({each.carrier})" for each in heard if each.contextual_only)
        return Ruling(term, granted=False, rule="child", by=who)
    if says is Says.GRANTED and not granted:
        return Ruling(term, granted=False, rule="disagreement", by=by)
    refusing = [each for each in heard if each.says(term) is Says.REFUSED]
    if says is Says.REFUSED and all(each.problem == NOT_IN_FORCE for each in refusing):
        return Ruling(term, granted=False, rule=NOT_IN_FORCE, by=by)
    if says is Says.NOTHING:
        return Ruling(term, granted=granted, rule="default" if granted else "not_granted")
    return Ruling(term, granted=granted, rule=says.value, by=by)


def instant(at_s: float | None) -> str | None:
    """Unix seconds as ISO 8601 in UTC."""
    if at_s is None:
        return None
    from datetime import UTC, datetime

    try:
        return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except (OverflowError, OSError, ValueError):
        return "a time beyond the year 9999"
