"""Google Consent Mode: the state a site keeps, and what of it travels in the `gcs` and `gcd` parameters.

Only four of the seven keys travel, and `personalization_storage`, the one for personalization on the site itself,
is not among them: a server must be told the state. `gcd` is not documented by Google; its letters were worked out
by Markus Baersch and Simo Ahava. A default is not a choice, so the two are told apart wherever they can be.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from ..errors import SignalError
from ..immutable import Immutable, put
from .bounded import bounded, read_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

KEYS = (
    "ad_storage",
    "analytics_storage",
    "ad_user_data",
    "ad_personalization",
    "functionality_storage",
    "personalization_storage",
    "security_storage",
)
_STATES = ("granted", "denied")
_IGNORED = "wait_for_update"  # milliseconds that tags wait for an update; it says nothing about consent
_GCD_HEADS = ("11", "13")
_GCD_LENGTH = 10  # head, four letters, each with a digit after it
_MAX_GCD_LENGTH = 64


class Choice(StrEnum):
    """What is known of one key. Only the first two are choices of the visitor."""

    GRANTED = "granted"
    DENIED = "denied"
    GRANTED_BY_DEFAULT = "granted_by_default"
    DENIED_BY_DEFAULT = "denied_by_default"
    UNSET = "unset"


# gcs cannot tell a choice from a default: a grant may be either, and a denial counts as the visitor's.
_GCS = {"1": Choice.GRANTED_BY_DEFAULT, "0": Choice.DENIED, "-": Choice.UNSET}
_GCD = {
    "l": Choice.UNSET,
    "p": Choice.DENIED_BY_DEFAULT,
    "q": Choice.DENIED,  # by default, and by the update as well
    "t": Choice.GRANTED_BY_DEFAULT,
    "r": Choice.GRANTED,  # denied by default, granted by the update
    "m": Choice.DENIED,  # by an update without a default
    "n": Choice.GRANTED,  # by an update without a default
    "u": Choice.DENIED,  # granted by default, denied by the update
    "v": Choice.GRANTED,  # by default, and by the update as well
}


class ConsentMode(Immutable):
    """The state of Consent Mode, key by key. `decode`, `from_state`, `decode_gcs` and `decode_gcd` build one.

    Its repr does not show the visitor's choices.
    """

    __slots__ = ("_choices",)

    _choices: Mapping[str, Choice]

    def __init__(self, choices: Mapping[str, Choice]) -> None:
        put(self, "_choices", {key: choices.get(key, Choice.UNSET) for key in KEYS})

    def choice(self, key: str) -> Choice:
        """What is known of `key`, one of the seven. Raises KeyError for any other."""
        return self._choices[key]

    def as_dict(self) -> dict[str, str]:
        """The seven keys and what is known of each."""
        return {key: choice.value for key, choice in self._choices.items()}

    def __reduce__(self) -> NoReturn:
        raise TypeError("a ConsentMode is a visitor's signal: it is resolved, not pickled or copied")

    def __repr__(self) -> str:
        return "ConsentMode(...)"


def from_state(
    default: Mapping[str, object] | None = None, update: Mapping[str, object] | None = None
) -> ConsentMode:
    """The state after `gtag("consent", "default", default)` and then `gtag("consent", "update", update)`.

    Args:
        default: The default *that applied* to the visitor. `wait_for_update` in it is ignored.
        update: What the visitor chose; None: nothing yet.
    Raises:
        SignalError: `bad_state`, `unknown_key`, `bad_value`, or `regional_default`: the default is for some
            regions only, and whether it applied cannot be known here.
    """
    before, after = _checked(default), _checked(update)
    by_default = {key: Choice(f"{state}_by_default") for key, state in before.items()}
    return ConsentMode(by_default | {key: Choice(state) for key, state in after.items()})


def decode(text: str) -> ConsentMode:
    """Read the state from JSON: `{"default": {key: "granted"|"denied", ...}, "update": {...}}`, either part optional.

    Raises:
        SignalError: `code` is one of `not_text`, `empty`, `too_long`, `bad_json`, `duplicate_field`,
            `unknown_key`, `bad_state`, `bad_value`, `regional_default`.
    """
    parts = read_object(text)
    if not parts.keys() <= {"default", "update"}:
        raise SignalError("unknown_key", "the state has a part other than `default` and `update`")
    # A part that is there and null is no state; only a part that is not there may be absent.
    return from_state(*(_mapping(parts[name]) if name in parts else None for name in ("default", "update")))


def decode_gcs(text: str) -> ConsentMode:
    """Read the `gcs` parameter: `G1`, then `ad_storage` and `analytics_storage` as `1`, `0` or `-`.

    Raises:
        SignalError: `code` is one of `not_text`, `empty`, `too_long`, `bad_gcs`.
    """
    sent = bounded(text)
    choices = [_GCS.get(letter) for letter in sent[2:]]
    if not sent.startswith("G1") or len(choices) != 2:
        raise SignalError("bad_gcs", "the text is not `G1` and two digits")
    return _by_position(choices, "bad_gcs")


def decode_gcd(text: str) -> ConsentMode:
    """Read the `gcd` parameter: `11` or `13`, then four letters, each followed by a digit; more may follow.

    Raises:
        SignalError: `code` is one of `not_text`, `empty`, `too_long`, `bad_gcd`.
    """
    sent = bounded(text)
    if len(sent) > _MAX_GCD_LENGTH or not (sent.isascii() and sent.isalnum()):
        raise SignalError("bad_gcd", "the text is not made of a few letters and digits")
    letters, digits = sent[2:_GCD_LENGTH:2], sent[3:_GCD_LENGTH:2]
    if not sent.startswith(_GCD_HEADS) or len(digits) != 4 or not digits.isdigit():
        raise SignalError("bad_gcd", "the text is not `11` or `13` and four letters with a digit after each")
    return _by_position([_GCD.get(letter) for letter in letters], "bad_gcd")


def _by_position(choices: list[Choice | None], code: str) -> ConsentMode:
    known = [choice for choice in choices if choice is not None]
    if len(known) != len(choices):
        raise SignalError(code, "a letter of the parameter has no known meaning")
    return ConsentMode(dict(zip(KEYS, known, strict=False)))


def _mapping(part: object) -> Mapping[str, object]:
    if not isinstance(part, Mapping):
        raise SignalError("bad_state", "a part of the state is not an object")
    return part


def _checked(part: Mapping[str, object] | None) -> dict[str, str]:
    states = dict(_mapping({} if part is None else part))
    states.pop(_IGNORED, None)
    if "region" in states:
        raise SignalError("regional_default", "the state is for some regions only: pass the one that applied")
    if not states.keys() <= set(KEYS):
        raise SignalError("unknown_key", "the state has a key that Consent Mode does not have")
    checked = {key: state for key, state in states.items() if isinstance(state, str) and state in _STATES}
    if len(checked) != len(states):
        raise SignalError("bad_value", "a key of the state is neither granted nor denied")
    return checked
