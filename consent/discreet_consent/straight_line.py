"""A plan's reading as generated source: a few lines for each attribute, and no loop over a table.

The source is a fixed template over slot numbers; names come in through the namespace, and no text of a declaration
enters it. What its lines do not know at a glance is left for `look_closely`.
"""

from __future__ import annotations

from .attributes import AttributeType
from .closely import later, look_closely
from .permit import Permitted
from .values import EXACT_INTEGER, MAX_EPOCH_MS, MAX_STRING_LENGTH, plain_strings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeAlias

    from .attributes import Attribute
    from .permit import Catalogue, Plan
    from .reading import Reading

    Read: TypeAlias = Callable[[Mapping[str, Any], float | None, float | None], Permitted]

_FEW_MEMBERS = 16  # so many are looked at one by one; of more, plain_strings looks at all at once
_ONE_DIGIT = 2**30 - 1  # integers up to here are compared the quickest

# What follows `if the value is not None:` by the type of the attribute: what is left alone passes as it is.
_LATER = "slow = later(slow, {slot}, value{slot}); value{slot} = None"
_CHECKS: Mapping[AttributeType, str] = {
    AttributeType.STRING: f"""
            text = value{{slot}}
            if type(text) is not str or len(text) > {MAX_STRING_LENGTH} or not text.isascii():
                {_LATER}""",
    AttributeType.NUMBER: f"""
            kind = type(value{{slot}})
            if kind is int:
                if (
                    not -{_ONE_DIGIT} <= value{{slot}} <= {_ONE_DIGIT}
                    and not -{EXACT_INTEGER} <= value{{slot}} <= {EXACT_INTEGER}
                ):
                    {_LATER}
            elif kind is not float or value{{slot}} - value{{slot}} != 0.0:
                {_LATER}""",
    AttributeType.BOOLEAN: f"""
            if value{{slot}} is not True and value{{slot}} is not False:
                {_LATER}""",
    AttributeType.STRINGS: f"""
            kind = type(value{{slot}})
            if (kind is list or kind is tuple or kind is frozenset) and len(value{{slot}}) <= {_FEW_MEMBERS}:
                for member in value{{slot}}:
                    if type(member) is not str or len(member) > {MAX_STRING_LENGTH} or not member.isascii():
                        {_LATER}
                        break
                else:
                    value{{slot}} = frozenset(value{{slot}})
            else:
                members = plain_strings(value{{slot}})
                if members is None:
                    {_LATER}
                value{{slot}} = members""",
    AttributeType.DATETIME: f"""
            kind = type(value{{slot}})
            if kind is not int and kind is not float or not -{MAX_EPOCH_MS} <= value{{slot}} <= {MAX_EPOCH_MS}:
                {_LATER}""",
}
_LOWER: Mapping[AttributeType, str] = {
    AttributeType.STRING: """
            elif value{slot} is not None:
                value{slot} = value{slot}.lower()""",
    AttributeType.STRINGS: """
            if value{slot} is not None:
                value{slot} = frozenset([member.lower() for member in value{slot}])""",
}
_HEAD = """\
def reader(plan):
    def read(attributes, now_s, resolved_s):
        get = attributes.get
        absent = 0
        slow = None"""
_READ = """\
        value{slot} = get(name{slot})
        if value{slot} is not None:"""
_ABSENT = """\
        else:
            absent += 1"""
_NAMES = "tuple(attributes)"
# As many names as there are values, so none is left that nobody declared: this is found quicker than they are copied.
_NAMES_COUNTED = (
    "None if len(attributes) + absent == {count} and type(attributes) is dict else tuple(attributes)"
)
_FOOT = """\
        permitted = new(Permitted)
        permitted.plan = plan
        permitted.values = ({values})
        permitted.names = {names}
        permitted.malformed = permitted.stale = nothing
        return permitted if slow is None else look_closely(permitted, slow, now_s, resolved_s)
    return read"""


def compiled(catalogue: Catalogue, reading: Reading) -> Callable[[Plan], Read]:
    """From a plan to `reading` in its straight-line form. All that come from one call share their code."""
    namespace: dict[str, Any] = {
        "Permitted": Permitted, "later": later, "look_closely": look_closely, "new": object.__new__,
        "nothing": frozenset(), "plain_strings": plain_strings,
    }  # fmt: skip
    lines: list[str] = []
    values = ["None"] * len(catalogue)
    counted: set[str] = set()
    for slot, name in reading:
        lines.append((_READ + _check(catalogue.attributes[slot])).format(slot=slot))
        namespace[f"name{slot}"] = name
        values[slot] = f"value{slot}"
        if name not in counted and not reading.withheld:  # a parent may be read for its substitutes, too
            lines.append(_ABSENT)
        counted.add(name)
    names = _NAMES if reading.withheld else _NAMES_COUNTED.format(count=len(counted))
    foot = _FOOT.format(values="".join(f"{value}, " for value in values), names=names)
    source = "\n".join([_HEAD, *lines, foot])
    exec(compile(source, "<discreet plan>", "exec"), namespace)  # noqa: S102 - see the docstring of the module
    made: Callable[[Plan], Read] = namespace["reader"]
    return made


def _check(attribute: Attribute) -> str:
    if attribute.coarsens is not None:
        return f"\n            {_LATER}"
    return _CHECKS[attribute.type] + (_LOWER[attribute.type] if attribute.lower else "")
