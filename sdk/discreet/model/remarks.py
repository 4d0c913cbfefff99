"""What an author may want to know about a sound model: no mistakes, and nothing that stops a build."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from discreet_consent import Provenance
from discreet_consent.purposes import TCF_DATA_USES, covers, is_granted

from .problems import Place, Problem
from .types import Model

_OTHERS = "a consent tool's group, a regime's default or a grant of your own can"
_SIGNALLED = frozenset(key for keys in TCF_DATA_USES.values() for key in keys)


def remarks(models: Iterable[Model]) -> tuple[Problem, ...]:
    """What is legal, and perhaps not meant, in the order of its places; what models share is said once.

    `no-signal-grants`: a purpose that no TC string grants. Consent from elsewhere may still grant it.
    """
    found = (remark for model in models for remark in _ungranted(model))
    return tuple(sorted(dict.fromkeys(found)))


def _ungranted(model: Model) -> Iterable[Problem]:
    somewhere = model.place or Place(f"<{model.id}>", 1, 1)
    for attribute in model.attributes:
        if attribute.provenance is Provenance.THIRD_PARTY:
            continue  # never permitted, whatever is granted
        place = model.declared_at.get(attribute.name, somewhere)
        for purpose in attribute.purposes:
            if not is_granted(purpose, _SIGNALLED):
                message = f"no TC string grants `{purpose}`{_below(purpose)}; {_OTHERS}"
                yield Problem(place, "no-signal-grants", message)


def _below(purpose: str) -> str:
    below = sorted(key for key in _SIGNALLED if covers(purpose, key))
    return f", only {_either(below)}" if below else ""


def _either(keys: Sequence[str]) -> str:
    """`a.b.c`, `.d` or `.e`: a key with the parent of the one before it is shown by its last word."""
    shown: list[str] = []
    parent = ""
    for key in keys:
        before, dot, last = key.rpartition(".")
        shown.append(f"`{dot}{last}`" if before == parent else f"`{key}`")
        parent = before
    return " or ".join(part for part in (", ".join(shown[:-1]), shown[-1]) if part)
