"""Writing a model in Python, with the words of the file format and exactly its rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from discreet.errors import ModelError

from .problems import Place
from .reader import models_from_dicts
from .report import Report
from .types import Json, Model

When: TypeAlias = "str | Sequence[When] | Mapping[str, Sequence[When]]"


class ModelBuilder:
    """Collects the parts of a model, in any order but that of the stages; `build` checks them all at once.

    Every keyword is a key of the file format with the same name and meaning, and is left out where it is None.
    """

    def __init__(self, model: str, *, channel: str, owner: str | None = None) -> None:
        self._head: dict[str, object] = _given({"model": model, "channel": channel, "owner": owner})
        self._tables: dict[str, dict[str, object]] = {}
        self._lists: dict[str, list[object]] = {}
        self._twice = Report()

    def attribute(
        self,
        name: str,
        *,
        type: str,  # noqa: A002 - the word of the model
        provenance: str,
        purposes: Sequence[str],
        category: str | None = None,
        retention: str | None = None,
        sensitive: str | None = None,
        lower: bool | None = None,
        range: Sequence[float | None] | None = None,  # noqa: A002 - the word of the model
    ) -> ModelBuilder:
        """Declare one typed fact about the visitor or the request."""
        return self._put(
            "attributes",
            name,
            type=type,
            provenance=provenance,
            purposes=list(purposes),
            category=category,
            retention=retention,
            sensitive=sensitive,
            lower=lower,
            range=None if range is None else list(range),
        )

    def substitute(
        self,
        name: str,
        *,
        coarsens: str,
        by: Mapping[str, Json],
        purposes: Sequence[str],
        sensitive: str | None = None,
    ) -> ModelBuilder:
        """Declare a coarser value of an attribute, with purposes of its own."""
        return self._put(
            "attributes", name, coarsens=coarsens, by=by, purposes=list(purposes), sensitive=sensitive
        )

    def condition(
        self,
        name: str,
        *,
        says: str,
        when: When,
        basis: str | None = None,
        note: str | None = None,
        owner: str | None = None,
    ) -> ModelBuilder:
        """State a named guiding principle."""
        return self._put("conditions", name, says=says, when=when, basis=basis, note=note, owner=owner)

    def segment(
        self,
        name: str,
        *,
        says: str,
        when: When,
        basis: str | None = None,
        note: str | None = None,
        owner: str | None = None,
    ) -> ModelBuilder:
        """State a named condition that groups visitors in reports."""
        return self._put("segments", name, says=says, when=when, basis=basis, note=note, owner=owner)

    def stage(self, name: str, *, when: When | None = None, says: str | None = None) -> ModelBuilder:
        """Add the journey's next stage."""
        return self._append("stages", id=name, when=when, says=says)

    def placement(
        self,
        name: str,
        *,
        fallback: str,
        says: str | None = None,
        shows: Sequence[str] | None = None,
        purposes: Sequence[str] | None = None,
    ) -> ModelBuilder:
        """Add a slot of the channel, with the offer that shows when nothing else may."""
        return self._put(
            "placements", name, fallback=fallback, says=says, shows=_listed(shows), purposes=_listed(purposes)
        )

    def offer(
        self,
        name: str,
        *,
        content: Mapping[str, Json],
        stages: Sequence[str] | None = None,
        placements: Sequence[str] | None = None,
        when: When | None = None,
        priority: int | None = None,
        valid: Mapping[str, str] | None = None,
        waive: str | None = None,
        says: str | None = None,
        owner: str | None = None,
        exclusive: str | None = None,
        promises: Sequence[str] | None = None,
    ) -> ModelBuilder:
        """Add an offer."""
        return self._append(
            "offers",
            id=name,
            says=says,
            owner=owner,
            stages=_listed(stages),
            placements=_listed(placements),
            when=when,
            priority=priority,
            valid=valid,
            waive=waive,
            exclusive=exclusive,
            promises=_listed(promises),
            content=content,
        )

    def accept(self, check: str, *, of: str, because: str) -> ModelBuilder:
        """Keep what the check with this code finds of `of`, knowingly."""
        return self._append("accepted", check=check, of=of, because=because)

    def document(self) -> dict[str, object]:
        """What was collected, in the shape of the file format."""
        tables = {section: dict(table) for section, table in self._tables.items()}
        return {**self._head, **tables, **{section: list(items) for section, items in self._lists.items()}}

    def build(self) -> Model:
        """The model, if everything about it is right.

        Raises:
            ModelError: with every problem; places are paths such as `<python>:offers[3].when`.
        """
        report = Report()
        report.extend(self._twice)
        try:
            (model,) = models_from_dicts([self.document()])
        except ModelError as error:
            for problem in error.problems:
                report.add(problem.place, problem.code, problem.message)
            report.raise_if_any()
            raise
        report.raise_if_any()
        return model

    def _put(self, section: str, name: str, **keys: object) -> ModelBuilder:
        table = self._tables.setdefault(section, {})
        if name in table:
            place = Place(f"<python>:{section}.{name}", 1, 1)
            self._twice.add(place, "declared-twice", f"{section[:-1]} `{name}` is declared twice")
        table.setdefault(name, _given(keys))
        return self

    def _append(self, section: str, **keys: object) -> ModelBuilder:
        self._lists.setdefault(section, []).append(_given(keys))
        return self


def _listed(words: Sequence[str] | None) -> list[str] | None:
    return None if words is None else list(words)


def _given(keys: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in keys.items() if value is not None}
