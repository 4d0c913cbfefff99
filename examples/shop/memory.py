"""What the shop remembers of a visitor, and how one page changes it. All of it stands in the sealed cookie."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any, Final

from .teas import SHELVES, TEAS, Tea

if TYPE_CHECKING:
    from discreet.adapters import Page

_VISIT_MS: Final = 30 * 60_000  # who comes back after half an hour comes anew
_MAX_NAME: Final = 40
# What the account page calls what is known.
_WORDS: Final = {
    "first_name": "First name",
    "interests": "You told us",
    "visits": "Visits",
    "viewed": "Shelves looked at",
    "basket": "In the basket",
    "purchases": "Orders",
}


def value(page: Page, name: str, otherwise: Any) -> Any:
    """The permitted value of `name`, or `otherwise`."""
    found = page.visit.permitted.get(name)
    return otherwise if found is None else found


def may_keep(page: Page, name: str) -> bool:
    """Whether the visitor's consent lets the shop keep `name`."""
    return page.visit.storage_granted and name not in page.visit.permitted.withheld_declared


def known(page: Page) -> list[tuple[str, str]]:
    """What is kept of the visitor, in words, for the visitor."""
    found = {name: value(page, name, None) for name in _WORDS}
    return [(_WORDS[name], _words(each)) for name, each in found.items() if each is not None]


def _words(found: object) -> str:
    if isinstance(found, frozenset):
        return ", ".join(sorted(TEAS[each].name if each in TEAS else str(each) for each in found))
    return f"{found:g}" if isinstance(found, float | int) else str(found)


def basket(page: Page) -> tuple[Tea, ...]:
    """The tins in the kept basket."""
    return tins(value(page, "basket", frozenset()))


def tins(ids: Iterable[str]) -> tuple[Tea, ...]:
    """One tin of each tea among `ids`, in the order of the shelves. What is no tea is none."""
    wanted = frozenset(ids)
    return tuple(tea for tea in TEAS.values() if tea.id in wanted)


def came(page: Page, viewed: str | None) -> None:
    """Count the visit, and note the shelf that is being looked at."""
    now_ms = round(page.now_s * 1000)
    news: dict[str, object] = {"last_visit": now_ms}
    if now_ms - value(page, "last_visit", -_VISIT_MS) >= _VISIT_MS:
        news["visits"] = int(value(page, "visits", 0)) + 1
    if viewed is not None and viewed in SHELVES:
        news["viewed"] = sorted({*value(page, "viewed", frozenset()), viewed})
    page.remember(news)


def put_in_basket(page: Page, teas: Collection[Tea]) -> None:
    """Let these tins be the basket."""
    page.remember({"basket": [each.id for each in teas] or None, "basket_size": len(teas) or None})


def bought(page: Page) -> None:
    """Count the order, and empty the basket."""
    orders = int(value(page, "purchases", 0)) + 1
    page.remember({"purchases": orders, "last_purchase": round(page.now_s * 1000)})
    put_in_basket(page, ())


def told(page: Page, first_name: str, interests: Iterable[str]) -> None:
    """Keep what the visitor told."""
    name = " ".join(first_name.split())[:_MAX_NAME]
    likes = sorted(frozenset(interests) & SHELVES.keys())
    page.remember({"first_name": name or None, "interests": likes or None})
