"""From a request to a visitor: consent first, then only what it lets us look at."""

from .cdn import CDNS
from .errors import NotForgotten, ProfilesError, SettingsError
from .facts import FACTS
from .given import Given
from .incoming import Incoming
from .profile import Profile
from .profiles import MemoryProfiles, Profiles, ProfilesNow, RedisProfiles
from .sealing import Sealer, read_secrets
from .settings import VisitorSettings
from .visit import Visit
from .visitors import Visitors

__all__ = [
    "CDNS",
    "FACTS",
    "Given",
    "Incoming",
    "MemoryProfiles",
    "NotForgotten",
    "Profile",
    "Profiles",
    "ProfilesError",
    "ProfilesNow",
    "RedisProfiles",
    "Sealer",
    "SettingsError",
    "Visit",
    "VisitorSettings",
    "Visitors",
    "read_secrets",
]
