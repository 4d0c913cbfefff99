"""The one layout of an author's file: keys in the format's order, expressions in one spelling, every comment kept."""

from .forms import Form, form_of, included_by
from .spelling import respelled
from .whole import LayoutRefused, formatted, same_models

__all__ = ["Form", "LayoutRefused", "form_of", "formatted", "included_by", "respelled", "same_models"]
