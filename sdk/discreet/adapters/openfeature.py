"""OpenFeature in the process: flags from a bundle, without a network call. Needs the extra `openfeature`.

    from openfeature import api
    from discreet.adapters.openfeature import BundleFlags

    api.set_provider_and_wait(BundleFlags(bundles))
    api.get_client().get_string_value("home.hero/title", "Welcome", EvaluationContext(attributes={...}))

Which flags there are, and what they say: `flags.py`. What is known of the visitor comes in the evaluation context, and
so does the consent; where the context states none, only what is essential is permitted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from discreet_consent import Consent

from ..errors import MissingExtra
from ..runtime import Evaluator
from ..serving import Bundles
from ..visitors import Given, Incoming, Visit, Visitors, VisitorSettings
from ..visitors.given import observed
from .flags import NOT_FOUND, Flags

try:
    from openfeature.evaluation_context import (  # pyright: ignore[reportMissingTypeStubs] - a namespace package
        EvaluationContext,
    )
    from openfeature.exception import ErrorCode
    from openfeature.flag_evaluation import FlagResolutionDetails, Reason
    from openfeature.provider import (  # pyright: ignore[reportMissingTypeStubs] - a namespace package
        AbstractProvider,
        Metadata,
    )
except ImportError as error:
    raise MissingExtra("deciding behind the OpenFeature SDK", "openfeature") from error

from .openfeature_events import StatusEvents

if TYPE_CHECKING:
    from openfeature.flag_evaluation import FlagValueType

    from ..events import Journal

    Object = Sequence[FlagValueType] | Mapping[str, FlagValueType]

CONSENT: Final = "consent"  # the context's key for what the visitor's consent is read from
NAME: Final = "discreet"

# The application's own word, not a browser's: it may state the region and the purposes.
TRUSTED: Final = VisitorSettings(accept_region=True, accept_stated=True)
SURFACE: Final = "openfeature"


class BundleFlags(AbstractProvider):
    """The flags of the bundle in service, for the OpenFeature SDK. Evaluating does no I/O and does not raise.

    Args:
        bundles: Started by `initialize` where they are not; watched by whoever made them (`Watcher`).
        visitors: How the context is read: which provenances it may state, the policy. Left out, the context is
            believed, its region and stated purposes too.
        consent: From the context to the consent, where it is kept elsewhere. Left out, it is read from the context's
            `consent`, an object as in `POST /v1/decide`.
        journal: Where decisions are recorded.
        status_every_s: How often an evaluation looks at the bundle's state, for the events STALE, ERROR and READY.
            None: never.
        clock_s: Unix seconds.
    """

    def __init__(
        self,
        bundles: Bundles,
        visitors: Visitors | None = None,
        *,
        consent: Callable[[EvaluationContext], Consent] | None = None,
        journal: Journal | None = None,
        status_every_s: float | None = 5.0,
        clock_s: Callable[[], float] = time.time,
    ) -> None:
        super().__init__()
        self._bundles = bundles
        self._visitors = visitors if visitors is not None else Visitors(TRUSTED)
        self._consent = consent
        self._journal = journal
        self._clock_s = clock_s
        self._flags: Flags | None = None
        self._events = StatusEvents(bundles, self.emit, every_s=status_every_s)

    def get_metadata(self) -> Metadata:
        return Metadata(name=NAME)

    def initialize(self, evaluation_context: EvaluationContext) -> None:  # noqa: ARG002 - as the SDK calls it
        """Start the bundles where nobody has, and announce what happens to them.

        Raises:
            DiscreetError: there is no good bundle; the SDK makes PROVIDER_ERROR of it.
        """
        if getattr(self._bundles, "current", None) is None:
            self._bundles.start()
        self._events.start()

    def shutdown(self) -> None:
        """Announce nothing more. The bundles stay in service for whoever else has them."""
        self._events.stop()

    def resolve_boolean_details(
        self, flag_key: str, default_value: bool, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[bool]:
        return self._resolve(flag_key, default_value, evaluation_context, _boolean)

    def resolve_string_details(
        self, flag_key: str, default_value: str, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[str]:
        return self._resolve(flag_key, default_value, evaluation_context, _string)

    def resolve_integer_details(
        self, flag_key: str, default_value: int, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[int]:
        return self._resolve(flag_key, default_value, evaluation_context, _integer)

    def resolve_float_details(
        self, flag_key: str, default_value: float, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[float]:
        return self._resolve(flag_key, default_value, evaluation_context, _float)

    def resolve_object_details(
        self, flag_key: str, default_value: Object, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[Object]:
        return self._resolve(flag_key, default_value, evaluation_context, _object)

    def _resolve(
        self,
        key: str,
        default: Any,
        context: EvaluationContext | None,
        typed: Callable[[object], Any],
    ) -> FlagResolutionDetails[Any]:
        served = getattr(self._bundles, "current", None)  # read once: a swap must not mix two bundles
        if served is None:
            return _failed(default, ErrorCode.PROVIDER_NOT_READY, "there is no bundle in service")
        self._events.look()
        flags = self._flags_of(served.evaluator)
        visit = self._visit(flags.evaluator, context)
        flag = flags.one(key, visit.permitted, now_s=visit.now_s)
        if flag is None:
            return _failed(default, ErrorCode.FLAG_NOT_FOUND, NOT_FOUND)
        if self._journal is not None:
            self._journal.decided(served, (flag.decision,), visit, surface=SURFACE)
        value = typed(flag.value)
        if value is None:
            return _failed(default, ErrorCode.TYPE_MISMATCH, "what is shown has another type")
        return FlagResolutionDetails(
            value, reason=Reason(flag.reason), variant=flag.variant, flag_metadata=flag.metadata
        )

    def _flags_of(self, evaluator: Evaluator) -> Flags:
        flags = self._flags
        if flags is None or flags.evaluator is not evaluator:
            self._flags = flags = Flags(evaluator)
        return flags

    def _visit(self, evaluator: Evaluator, context: EvaluationContext | None) -> Visit:
        """Who is asked about, as the context says. Its targeting key is not looked at."""
        now_s = self._clock_s()
        context = context if context is not None else EvaluationContext()
        attributes: dict[str, Any] = dict(context.attributes)
        stated = attributes.pop(CONSENT, None)
        if self._consent is not None:
            consent = self._consent(context)
            values = {name: observed(value) for name, value in attributes.items()}
            return Visit(consent, evaluator.permit(values, consent, now_s=now_s), now_s=now_s)
        # What is stated and is no object is unreadable, which is not absent.
        return self._visitors.visit(evaluator, Incoming(now_s=now_s), Given(attributes, stated))


def _failed(default: Any, code: ErrorCode, message: str) -> FlagResolutionDetails[Any]:
    return FlagResolutionDetails(default, error_code=code, error_message=message, reason=Reason.ERROR)


def _boolean(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _string(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _integer(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _float(value: object) -> float | None:
    """A whole number is a number with a fraction of nothing; the other way round, an author who wrote 3.0 meant it."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _object(value: object) -> dict[str, Any] | None:
    return value if isinstance(value, dict) else None
