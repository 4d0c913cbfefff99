"""Why a target is missed, and what was tried: written by hand, printed below the tables while it is missed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Reason(NamedTuple):
    """Two sentences or more, each ended by a full stop."""

    because: str
    tried: str


_PERMIT: Final = Reason(
    "`permit` alone takes 4.5 to 5 cal at any size: one `get` for each of 20 attributes is 1.5 cal, "
    "copying and checking two sets "
    "1.4, the names that came in and the objects of both calls 1, the checks of types, lengths and "
    "alphabets the rest.",
    "Straight-line source instead of loops (7.2 to 5.1 cal), one pass of `map` over all names, sets of "
    "types per kind, walking the "
    "visitor's items instead of the declarations, joining all strings for one check: none was faster. "
    "Looking values up in the index "
    "instead of checking them first would save about 1.5 cal, and would move stripping out of the one "
    "place where it is proved.",
)
_LARGE: Final = Reason(
    "Beside `permit` every slot costs a look-up and an AND over all clauses; two sets of members cost "
    "more of both.",
    "Rows found by a dictionary that knows its default instead of `get` with one, fewer steps around the "
    "index, checks that "
    "remember where a number lies. Blocks, posting lists and a cache by pattern were measured before and lose.",
)

_SHARED: Final = Reason(
    "100,000 thresholds of one number share 256 cells, so some 390 clauses are left where the visitor's "
    "number lies, and "
    "each is compared with its exact interval, about 1 us each, until one holds; the plain workload needs"
    " one or two.",
    "Remembering where the number lies among all thresholds, which halved it. More cells would take as "
    "much more memory.",
)

# By the name of the row in targets.py, or of the worst case.
REASONS: Final[Mapping[str, Reason]] = {
    "10": _PERMIT,
    "100": _PERMIT,
    "1,000": _LARGE,
    "10,000": _LARGE,
    "100,000": _LARGE,
    "p99 of visitors / median": Reason(
        "A visitor whose winner must be checked, or with more sets and strings than most, pays for each "
        "of them; at 10 offers a "
        "decision is so short that one set more is half of it.",
        "Confirming the first candidates without a generator, and remembering what a slot found.",
    ),
    "bytes to first answer, signature verified / `json.loads` of GrowthBook's payload": Reason(
        "Everything is checked before the first answer: every row, content, tree and the certificate. At "
        "1,000 offers a quarter is "
        "making and checking 1,400 rows, an eighth each inflating and verifying.",
        "Offers, contents and checks as columns that are compared some thousand at a time, one cut of a "
        "blob into all its rows, no "
        "object for an offer. Checking only when something is asked for was refused: loading must refuse.",
    ),
    "the same at 10 offers": Reason(
        "Verifying takes 0.15 ms, twenty attributes and their twenty slots the rest, each checked by itself.",
        "Fewer calls per slot and attribute.",
    ),
    "download / the model's own JSON, both gzip, content left out": Reason(
        "At 100 offers the signature, the catalogue's field values and the index's own heads are a fifth "
        "of the file.",
        "Differences between rows, no tree and no certificate that the index says already, offers as columns.",
    ),
    "memory added by load / GrowthBook's": Reason(
        "Rows are 95 bytes a condition, and contents stay as values, so that showing one costs no unpacking.",
        "Offers and contents as columns; nothing is kept of what only explains.",
    ),
    "import of the decision core over a bare interpreter / with signature verification": Reason(
        "`enum` is half of the core, and `cryptography` imports `typing` and `re`.",
        "Everything that a decision does not need is imported when it is asked for: msgpack, zlib, the "
        "decoder, explanations.",
    ),
    "batch of 1,000,000 visitors, 1,000 offers: rows a second / `permit` + `decide` in a loop": Reason(
        "Of about 1 us a row, coding texts is a third, looking up rows and AND another third; the loop it"
        " is compared with has become "
        "twice as fast. Texts that come as dictionaries, as Parquet gives them, are faster still.",
        "Bins instead of searching, blocks of 32 bytes from the best rank on, dropping visitors that have"
        " a winner, tables shared by "
        "slots, other sizes of slices, two threads.",
    ),
    "50 placements, 4,096 clauses each, none holds": Reason(
        "The same conditions as the case below, walked once for each of 50 placements.",
        "Each condition is worked out once for all placements of a call.",
    ),
    "4,096 clauses each, none holds": Reason(
        "Each of 1,000 offers asks for twelve alternatives at once, 4,096 conjunctions; the index keeps "
        "64 of them, everyone passes these, "
        "and 1,000 condition trees are walked for every visitor, 8 us each.",
        "Keeping one test of each alternative, which helps where these differ; bits for the parts of a "
        "condition were refused in ADR 0003.",
    ),
    "1,000 members, all of six": Reason(
        "A visitor with 1,000 members in a set is compared with a model that names many of them: each "
        "member costs a look-up in `permit`, one "
        "in the index and an OR over all clauses.",
        "Members that no clause names are dropped first; of several groups the rarest finds the clause.",
    ),
    "1,000 members, none of ten": Reason("As above.", "As above."),
    "1,000 members, any of ten": Reason("As above.", "As above."),
    "1,000 members, any of ten, fewer offers": Reason("As above.", "As above."),
    "1,000 members, one common and one rare": Reason("As above.", "As above."),
    "100,000 narrow ranges": _SHARED,
    "100,000 ranges, one in the other": _SHARED,
    "two attributes of 100,000 numbers, near misses": _SHARED,
    "100,000 numbers by `==`": _SHARED,
    "index, bytes per condition": Reason(
        "Nine tenths of it are rows of 256 cells for each of seven numbers, and of 330 values and members.",
        "Fewer cells: smaller, but then more winners must be checked.",
    ),
    "5,000 parts of a long text": Reason(
        "A value of 1,000 characters has as many places where one of 5,000 texts may begin.",
        "Filing the texts under their first characters: it was 551 times.",
    ),
    "top 64, sixty-four clauses each": Reason(
        "It is 64 decisions, and one survey of 64,000 clauses.",
        "Going from offer to offer, not from clause to clause.",
    ),
    "top 64, all match": Reason("It is 64 decisions.", "Nothing more."),
    "50 placements, all match": Reason("It is 50 decisions, of one survey.", "Nothing more."),
}
