"""Decoding one model of a bundle, and holding its certificate against what its conditions really read."""

from __future__ import annotations

from ..errors import MalformedBundle
from .bundle import Certificate, CompiledCondition, CompiledModel, CompiledOffer, CompiledPlacement
from .clauses import Clauses
from .content import printable, tokens_of
from .fields import Fields, a_list, a_name, names, numbers_below
from .index import Index
from .rows import read_rows, read_slots, read_words
from .trees import Needs, Trees, is_number
from .wire import pack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from discreet_consent import Catalogue

    from .index import Slot
    from .kleene import Tree

MAX_ITEMS = 1_000_000  # conditions, offers or clauses of one model


def decode_model(document: Any, catalogue: Catalogue) -> CompiledModel:
    """Build one model. Raises MalformedBundle when anything is not exactly as the format says."""
    fields = Fields(document, "a model")
    reader = _ModelReader(catalogue)
    model_id, channel = fields.take("id", a_name), fields.take("channel", a_name)
    fields.take("conditions", reader.conditions)
    fields.take("stages", reader.stages)
    fields.take("offers", reader.offers)
    fields.take("placements", reader.placements)
    certificate = fields.take("certificate", reader.certificate)
    index = Fields(fields.take("index", lambda value: value), "an index")
    fields.end()
    return reader.model(model_id, channel, certificate, index)


class _ModelReader:
    """Reads the parts of a model in order; later parts are checked against earlier ones."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._printable = printable(catalogue)
        self._trees = Trees(catalogue)
        self._conditions: list[CompiledCondition] = []
        self._stage_ids: list[str] = []
        self._stage_trees: list[Tree | None] = []
        self._stage_needs: list[Needs] = []
        self._needs_in: dict[tuple[int, ...], frozenset[int]] = {}  # by the stages of an offer
        self._offers: list[CompiledOffer] = []
        self._offer_needs: list[tuple[frozenset[int], bool]] = []
        self._placed: list[tuple[str, int, tuple[int, ...]]] = []

    def conditions(self, value: Any) -> None:
        for entry in a_list(MAX_ITEMS)(value):
            match entry:
                case [str(name), str(says), list(tree)]:
                    self._trees.add_named(tree)
                    self._conditions.append(CompiledCondition(name, says, tree))
                case _:
                    raise ValueError("not a condition")
        names([condition.id for condition in self._conditions])

    def stages(self, value: Any) -> None:
        for number, entry in enumerate(a_list(MAX_ITEMS)(value)):
            match entry:
                case [str(name), None | list() as tree] if (tree is None) == (number == 0):
                    self._stage_needs.append(self._trees.needs(tree))
                    self._stage_ids.append(name)
                    self._stage_trees.append(tree)
                case _:
                    raise ValueError("not a stage")
        if not names(self._stage_ids):
            raise ValueError("no stage")
        if any(needs.waives for needs in self._stage_needs):
            raise ValueError("a stage asks for what is unknown")

    def offers(self, value: Any) -> None:
        read_stages = numbers_below(len(self._stage_ids))
        for entry in a_list(MAX_ITEMS)(value):
            match entry:
                case [str(name), stages, None | list() as tree, from_ms, until_ms, bytes(content)]:
                    in_stages = read_stages(stages)
                    self._add_needs(in_stages, tree, content)
                    window = _instant(from_ms), _instant(until_ms)
                    self._offers.append(CompiledOffer(name, in_stages, tree, *window, content))
                case _:
                    raise ValueError("not an offer")
        names([offer.id for offer in self._offers])

    def _add_needs(self, in_stages: tuple[int, ...], tree: Tree | None, content: bytes) -> None:
        needs = self._trees.needs(tree)
        tokens = tokens_of(content, self._printable)
        if in_stages not in self._needs_in:
            stage_needs = (self._stage_needs[stage].attributes for stage in in_stages)
            self._needs_in[in_stages] = frozenset[int]().union(*stage_needs)
        self._offer_needs.append((needs.attributes | tokens | self._needs_in[in_stages], needs.waives))

    def placements(self, value: Any) -> None:
        for entry in a_list(MAX_ITEMS)(value):
            match entry:
                case [str(name), fallback, competing]:
                    (number,) = numbers_below(len(self._offers))([fallback])
                    numbers = numbers_below(len(self._offers))(competing)
                    self._check_fallback(number)
                    self._placed.append((name, number, numbers))
                case _:
                    raise ValueError("not a placement")
        if not names([name for name, _, _ in self._placed]):
            raise ValueError("no placement")

    def _check_fallback(self, number: int) -> None:
        offer = self._offers[number]
        depends = tokens_of(offer.packed, self._printable) or offer.tree is not None
        if depends or offer.from_ms is not None or offer.until_ms is not None:
            raise ValueError("a fallback depends on something")

    def certificate(self, value: Any) -> Certificate:
        """The certificate, which must say exactly what the trees, stages and tokens read."""
        every_stage = frozenset[int]().union(*(needs.attributes for needs in self._stage_needs))
        placements = {
            name: every_stage.union(*(self._offer_needs[each][0] for each in competing))
            for name, _, competing in self._placed
        }
        waived = [number for number, (_, waives) in enumerate(self._offer_needs) if waives]
        offers = [sorted(attributes) for attributes, _ in self._offer_needs]
        said = Fields(value, "a certificate")
        said.take("placements", _exactly([sorted(needs) for needs in placements.values()]))
        said.take("offers", _exactly(offers))
        said.take("waived", _exactly(waived))
        said.end()
        return Certificate(
            {name: tuple(sorted(needs)) for name, needs in placements.items()},
            {offer.id: tuple(needs) for offer, needs in zip(self._offers, offers, strict=True)},
            frozenset(self._offers[number].id for number in waived),
        )

    def model(self, model_id: str, channel: str, certificate: Certificate, index: Fields) -> CompiledModel:
        """Read the index and put the model together."""
        stage_bits = index.take("stage_bits", numbers_below(len(self._stage_ids)))
        clause_offers = index.take("clauses", read_words(len(self._offers)))
        bits = len(stage_bits) + len(clause_offers)
        slots = index.take("slots", lambda value: read_slots(a_list(MAX_ITEMS)(value), self._catalogue, bits))
        self._check_reads(slots)
        stage_rows = index.take("stage_rows", read_rows(len(self._stage_ids), bits))
        placement_rows = index.take("placement_rows", read_rows(len(self._placed), bits))
        (confirm,) = index.take("confirm", read_rows(1, bits))
        index.end()
        return CompiledModel(
            id=model_id,
            channel=channel,
            stages=tuple(self._stage_ids),
            stage_trees=self._stage_trees,
            conditions=self._conditions,
            offers=self._offers,
            placements={
                name: CompiledPlacement(name, channel, self._offers[fallback], competing, row)
                for (name, fallback, competing), row in zip(self._placed, placement_rows, strict=True)
            },
            certificate=certificate,
            index=Index(bits, slots),
            clauses=Clauses(
                stage_bits=stage_bits,
                stage_rows=stage_rows,
                offers=[self._offers[number] for number in clause_offers],
                confirm=confirm,
            ),
        )

    def _check_reads(self, slots: Sequence[Slot]) -> None:
        named = frozenset[int]().union(
            *(needs.attributes for needs in self._stage_needs), *(needs for needs, _ in self._offer_needs)
        )
        if not named.issuperset(slot.attribute for slot in slots if slot.attribute >= 0):
            raise MalformedBundle("an index reads an attribute that no certificate names")


def _exactly(expected: list[Any]) -> Callable[[Any], None]:
    """What was worked out from the trees, stages and tokens, in the same bytes: True is not 1 here."""

    def read(value: Any) -> None:
        if pack(value) != pack(expected):
            raise ValueError("it does not say on what the model depends")

    return read


def _instant(value: Any) -> float | None:
    if value is None or is_number(value):
        return value  # type: ignore[no-any-return] # its type was just checked
    raise ValueError("not an instant")
