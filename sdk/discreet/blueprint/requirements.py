"""The 4 D requirements as tables of text, for forms that have no script: data, decisions, design, distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from discreet_consent import Provenance

from .drawing import Drawing, DrawnAttribute, DrawnModel, DrawnOffer
from .plain import headline, in_words, listed, plain, value_in_words, window
from .words import Words, counted

if TYPE_CHECKING:
    from discreet.model import Placement

    from .drawing import Differing, Phrase

SOME: Final = 3  # of many users of an attribute that are named
_UNITS: Final = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its heading, the words of its head, and texts in as many columns."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Requirements:
    """What a drawing asks of others, in one language. A sheet without rows is left out."""

    def __init__(self, drawing: Drawing, words: Words) -> None:
        self._drawing = drawing
        self._words = words
        self._several = len(drawing.models) > 1

    def attributes(self) -> list[Sheet]:
        rows = (self._attribute(each) for each in self._drawing.attributes)
        return self._sheets(("data_table", "attribute type source purposes retention used_by", rows))

    def decisions(self) -> list[Sheet]:
        return self._sheets(
            ("stages_table", "stage says begins_when channel", self._stages()),
            ("conditions_table", "condition expression basis note owner", self._conditions()),
            ("offers_table", "offer shown_when stages priority owner purposes", self._offers()),
        )

    def design(self) -> list[Sheet]:
        return self._sheets(("content_table", "offer placements content missing tokens", self._contents()))

    def distribution(self) -> list[Sheet]:
        return self._sheets(
            ("placements_table", "placement channel fallback offers at_most", self._placements()),
            ("windows_table", "offer window channel", self._windows()),
            ("promises_table", "offer channel promises exclusive", self._promises()),
        )

    def sides(self) -> list[Sheet]:
        """What differs between models for the same offer or stage, a row for each aspect and model."""
        return self._sheets(
            ("sides_table", "offer differs_in channel content", self._differing(self._drawing.differing)),
            (
                "stages_differ",
                "stage differs_in channel says",
                self._differing(self._drawing.differing_stages),
            ),
        )

    def _differing(self, told: Sequence[Differing]) -> Iterator[tuple[str, ...]]:
        yield from (
            (
                differing.id,
                aspect,
                plain(self._drawing.models[number].model.channel),
                value_in_words(value),
            )
            for differing in told
            for aspect, values in differing.aspects.items()
            for number, value in zip(differing.models, values, strict=True)
        )

    def marks(self, numbers: Sequence[int]) -> str:
        return listed(self._drawing.marks[number].letter for number in numbers)

    def _sheets(self, *told: tuple[str, str, Iterator[tuple[str, ...]]]) -> list[Sheet]:
        made = (
            Sheet(self._words[title], tuple(self._words[name] for name in head.split()), tuple(rows))
            for title, head, rows in told
        )
        return [each for each in made if each.rows]

    def _attribute(self, drawn: DrawnAttribute) -> tuple[str, ...]:
        declared, words = drawn.declared, self._words
        low, high = drawn.range or (None, None)
        limits = words["range"].format(low=_or(low, "\u2212\u221e"), high=_or(high, "\u221e"))
        used = [
            f"{counted(words, f'used_{kind}', len(ids))} ({_some(ids)})"
            for kind, ids in drawn.used_by.items()
            if ids and kind != "conditions"
        ]
        return (
            declared.name,
            words[f"type.{declared.type.value}"] + (f", {limits}" if drawn.range else ""),
            words[f"provenance.{declared.provenance.value}"],
            listed(
                f"{self._drawing.marks[number].letter} {self._drawing.marks[number].key}"
                for number in drawn.marks
            ),
            self._kept(drawn),
            "; ".join(used) or words["used_by_nothing"],
        )

    def _kept(self, drawn: DrawnAttribute) -> str:
        kept_s = drawn.declared.retention_s
        if kept_s is None:
            asked = drawn.declared.provenance is not Provenance.CONTEXTUAL
            return self._words["no_retention" if asked else "not_kept"]
        unit, size = next((unit, size) for unit, size in _UNITS if kept_s % size == 0)
        return counted(self._words, unit, kept_s // size)

    def _stages(self) -> Iterator[tuple[str, ...]]:
        for model in self._drawing.models:
            for each in model.stages:
                asks = self._together(each.asks) or self._words["everyone_begins"]
                yield each.stage.id, plain(each.stage.says), asks, plain(model.model.channel)

    def _conditions(self) -> Iterator[tuple[str, ...]]:
        for drawn in self._drawing.conditions:
            each = drawn.condition
            basis = (
                self._words["no_basis"] if each.basis is None else self._words[f"basis.{each.basis.value}"]
            )
            yield plain(each.says), plain(each.source), basis, plain(each.note or ""), plain(each.owner or "")

    def _offers(self) -> Iterator[tuple[str, ...]]:
        for model, drawn in self._competing():
            offer = drawn.offer
            every = len(offer.stages) == len(model.stages)
            yield (
                self._named(model, drawn),
                self._together(drawn.asks) or self._words["nothing_asked"],
                self._words["every_stage"] if every else " \u203a ".join(offer.stages),
                str(offer.priority),
                plain(offer.owner or model.model.owner or self._words["no_owner"]),
                self.marks(drawn.marks),
            )

    def _contents(self) -> Iterator[tuple[str, ...]]:
        for model in self._drawing.models:
            for drawn in model.offers:
                content = (
                    f"{plain(name)}: {value_in_words(value)}" for name, value in drawn.offer.content.items()
                )
                yield (
                    self._named(model, drawn),
                    listed(dict.fromkeys((*drawn.offer.placements, *drawn.fallback_of))),
                    "; ".join(content),
                    listed(
                        dict.fromkeys(plain(name) for fields in drawn.missing.values() for name in fields)
                    ),
                    "; ".join(
                        f"{name} \u2192 {plain(default) or self._words['nothing']}"
                        for name, default in drawn.tokens
                    ),
                )

    def _placements(self) -> Iterator[tuple[str, ...]]:
        for model in self._drawing.models:
            for each in model.placements:
                name = each.placement.id
                offers = sum(1 for drawn in model.offers if name in drawn.offer.placements)
                fallback = headline(model.offers[each.fallback])
                yield (
                    name,
                    plain(model.model.channel),
                    fallback,
                    str(offers),
                    self._at_most(each.placement),
                )

    def _at_most(self, placement: Placement) -> str:
        if placement.purposes is None:
            return ""
        return listed(placement.purposes) or self._words["only_essential"]

    def _windows(self) -> Iterator[tuple[str, ...]]:
        for model, drawn in self._competing():
            valid = window(drawn.offer.valid, self._words)
            if valid:
                yield self._named(model, drawn), valid, plain(model.model.channel)

    def _promises(self) -> Iterator[tuple[str, ...]]:
        for model, drawn in self._competing():
            offer = drawn.offer
            if offer.promises or offer.exclusive:
                channel = plain(model.model.channel)
                yield (
                    self._named(model, drawn),
                    channel,
                    listed(map(plain, offer.promises)),
                    plain(offer.exclusive or ""),
                )

    def _competing(self) -> Iterator[tuple[DrawnModel, DrawnOffer]]:
        for model in self._drawing.models:
            yield from ((model, each) for each in model.offers if each.offer.placements)

    def _named(self, model: DrawnModel, drawn: DrawnOffer) -> str:
        called = headline(drawn)
        name = drawn.offer.id if called == drawn.offer.id else f"{called} ({drawn.offer.id})"
        waives = f" [{self._words['waives']}]" if drawn.offer.waives_withdrawal else ""
        return f"{name}{f', {plain(model.model.channel)}' if self._several else ''}{waives}"

    def _together(self, asks: Sequence[Phrase]) -> str:
        return f" {self._words['and']} ".join(
            in_words(each, self._drawing, self._words).rstrip(".") for each in asks
        )


def _or(number: float | None, otherwise: str) -> str:
    return otherwise if number is None else f"{number:g}"


def _some(ids: Sequence[str]) -> str:
    return listed(ids) if len(ids) <= SOME else f"{listed(ids[:SOME])}, \u2026"
