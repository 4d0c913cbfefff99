"""The rules that turn signals into grants, and the table of where each applies."""

from .policy import Policy
from .resolution import UNKNOWN, resolve
from .rules import Rules

__all__ = ["UNKNOWN", "Policy", "Rules", "resolve"]
