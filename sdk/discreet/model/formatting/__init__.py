"""The one layout of an author's file: keys in the format's order, expressions in one spelling, every comment kept."""

from .spelling import respelled
from .whole import LayoutRefused, formatted, is_model, same_models

__all__ = ["LayoutRefused", "formatted", "is_model", "respelled", "same_models"]
