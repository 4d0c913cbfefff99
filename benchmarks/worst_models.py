"""The worst cases: what an index, a filter or a cache would rather not meet, and of how many offers.

Every case takes the number of offers. A visitor has an attribute under each name that the case declares, unless its
name says otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from . import worst_conditions as conditions
from . import worst_values as values
from .worst_drawing import Case

CASES: Final[Sequence[Case]] = (
    Case("all offers match", 10_000, 200, values.all_match, matched=1.0),
    Case("no offer matches", 10_000, 200, values.none_match, matched=0.0),
    Case("every attribute absent", 10_000, 200, values.all_absent, matched=0.0),
    Case("200 attributes, all there", 10_000, 200, values.many_attributes),
    Case("100,000 values, an offer each", 100_000, 500, values.a_value_each, matched=1.0),
    Case("10,000 values, each refused by an offer", 10_000, 500, values.all_but_a_value_each, matched=1.0),
    Case("100,000 values, a hundred in a list", 1_000, 20, values.lists_of_values),
    Case("100,000 thresholds", 100_000, 1_000, values.thresholds, matched=1.0),
    Case("100,000 numbers by `==`", 100_000, 1_000, values.points),
    Case("100,000 narrow ranges", 100_000, 1_000, values.narrow_ranges),
    Case("100,000 ranges, one in the other", 100_000, 1_000, values.nested_ranges),
    Case("two attributes of 100,000 numbers, near misses", 100_000, 1_000, values.two_point_attributes, matched=0.0),
    Case("10,000 thresholds in days", 10_000, 500, values.days, matched=None),
    Case("10,000 windows, none open", 10_000, 500, values.windows, matched=0.0),
    Case("1,000 members, any of ten", 10_000, 200, values.members_any),
    Case("1,000 members, any of ten, fewer offers", 2_000, 200, values.members_any),
    Case("1,000 members, one common and one rare", 10_000, 200, values.members_all_common, matched=0.0),
    Case("1,000 members, all of six", 10_000, 200, values.members_all_pairs),
    Case("1,000 members, none of ten", 10_000, 200, values.members_none),
    Case("5,000 beginnings of 900 lengths", 5_000, 200, values.prefixes),
    Case("5,000 endings of 900 lengths", 5_000, 200, values.suffixes),
    Case("5,000 parts of a short text", 5_000, 200, values.substrings),
    Case("5,000 parts of a long text", 5_000, 200, values.substrings_of_long),
    Case("nested ninety deep", 1_000, 20, conditions.nested),
    Case("sixty-four clauses each", 1_000, 20, conditions.sixty_four_clauses, matched=1.0),
    Case("4,096 clauses each, none holds", 1_000, 50, conditions.products_that_fail, matched=0.0),
    Case("eighty conjunctions each, none holds", 1_000, 50, conditions.sums_that_fail, matched=0.0),
    Case("top 64, all match", 10_000, 200, values.all_match, "top 64", matched=1.0),
    Case("top 64, sixty-four clauses each", 1_000, 70, conditions.sixty_four_clauses, "top 64", matched=1.0),
    Case("50 placements, all match", 10_000, 100, conditions.fifty_placements, "all placements", matched=1.0),
    Case("50 placements, 4,096 clauses each, none holds", 1_000, 20, conditions.fifty_placements_that_fail,
         "all placements", matched=0.0),
    Case("24 stages, all sets of them", 1_000, 50, conditions.many_stages),
)  # fmt: skip
