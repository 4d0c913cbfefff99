"""Section 5 of spec/decision.md: content, its tokens, and how a value prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .permission import Fact


def fill(content: Any, facts: Mapping[str, Fact]) -> Any:
    """Content with the tokens of its texts filled; every other value keeps its type."""
    if isinstance(content, str):
        return _fill_text(content, facts)
    if isinstance(content, list):
        return [fill(each, facts) for each in content]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(content, Mapping):
        return {key: fill(each, facts) for key, each in content.items()}  # pyright: ignore[reportUnknownVariableType]
    return content


def _fill_text(text: str, facts: Mapping[str, Fact]) -> str:
    out = ""
    while text:
        if text[:2] in ("{{", "}}"):
            out, text = out + text[0], text[2:]
        elif text[0] == "{":
            token, _, text = text[1:].partition("}")
            name, _, default = token.partition("|")
            out += printed(facts[name]) if name in facts else default
        else:
            out, text = out + text[0], text[1:]
    return out


def printed(fact: Fact) -> str:
    """A fact as a token shows it."""
    if isinstance(fact, bool):
        return "true" if fact else "false"
    assert isinstance(fact, float | str)
    return fact if isinstance(fact, str) else number_text(fact)


def number_text(number: float) -> str:
    """ECMAScript's Number::toString: the shortest digits that read back as the same double."""
    if number == 0:
        return "0"
    sign = "-" if number < 0 else ""
    mantissa, _, exponent = f"{abs(number)!r}".partition("e")
    whole, _, decimals = mantissa.partition(".")
    padded = whole + ("" if decimals == "0" else decimals)
    point = len(whole) + int(exponent or 0)
    digits = padded.lstrip("0")
    point -= len(padded) - len(digits)
    digits = digits.rstrip("0")
    return sign + _laid_out(digits, point)


def _laid_out(digits: str, point: int) -> str:
    """`digits` with the decimal point after `point` of them (ECMA-262, section 6.1.6.1.20)."""
    if len(digits) <= point <= 21:
        return digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    mantissa = digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "")
    return f"{mantissa}e{point - 1:+d}"
