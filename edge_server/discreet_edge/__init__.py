"""How decisions are served over HTTP. Needs the extra `server`."""

from discreet_consent.lazily import lazily, listed

from .needed import needing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .app import EdgeApp, create_app
    from .counters import sum_counts
    from .edge_settings import EdgeSettings
    from .telemetry import observe, traced

__getattr__ = needing(
    lazily(
        __name__,
        {
            ".app": ("EdgeApp", "create_app"),
            ".counters": ("sum_counts",),
            ".edge_settings": ("EdgeSettings",),
            ".telemetry": ("observe", "traced"),
        },
    )
)
__dir__ = listed(__name__)

__all__ = ["EdgeApp", "EdgeSettings", "create_app", "observe", "sum_counts", "traced"]
