"""The evaluator in the servers that people have. What needs an extra has a module of its own, and is not loaded here.

`asgi` and `wsgi` (pages), `jinja` (extra `pages`), `flags`, `openfeature` (extra `openfeature`), `lambda_edge`.
"""

from discreet_consent.lazily import lazily, listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .caching import Caching
    from .fragments import Fragments, NotEscaping
    from .page import NoPage, Page
    from .page_keeping import NotStored

__getattr__ = lazily(
    __name__,
    {
        ".caching": ("Caching",),
        ".fragments": ("Fragments", "NotEscaping"),
        ".page": ("NoPage", "Page"),
        ".page_keeping": ("NotStored",),
    },
)
__dir__ = listed(__name__)

__all__ = ["Caching", "Fragments", "NoPage", "NotEscaping", "NotStored", "Page"]
