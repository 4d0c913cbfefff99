"""Every engine that takes part, by the name it has in the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .cel import CEL
from .engine import Engine
from .eppo import EPPO
from .growthbook_payload import GROWTHBOOK
from .json_logic import DATALOGIC, FLAGD
from .launchdarkly import LAUNCHDARKLY
from .ours import OURS
from .statsig import STATSIG
from .unleash import UNLEASH
from .zen import EXPRESSION, TABLE

OWN: Final = "discreet"
ENGINES: Final[Mapping[str, Engine]] = {
    OWN: OURS,
    "eppo": EPPO,
    "datalogic": DATALOGIC,
    "zen expression": EXPRESSION,
    "zen table": TABLE,
    "statsig": STATSIG,
    "cel": CEL,
    "unleash": UNLEASH,
    "launchdarkly": LAUNCHDARKLY,
    "growthbook": GROWTHBOOK,
    "flagd": FLAGD,
}
