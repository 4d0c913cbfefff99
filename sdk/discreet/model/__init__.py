"""The author's words: models read from YAML, JSON or Python, checked, with every problem at its place."""

from .builder import ModelBuilder, When
from .expressions import (
    All,
    Among,
    Compare,
    Comparison,
    Expression,
    Includes,
    Known,
    Literal,
    Named,
    Not,
    Some,
    Text,
    TextTest,
    Unknown,
    walk,
)
from .functions import FUNCTIONS
from .parsing import parse_expression
from .problems import Place, Problem
from .progress import Progress
from .reader import models_from_dicts, read_models
from .scenario_consents import Signalled, Stated
from .scenario_schema import scenario_schema
from .scenarios import Expected, Given, Outcome, Scenario, has_scenarios, read_scenarios
from .schema import model_schema
from .templates import Token, parse_template
from .types import Accepted, Basis, Condition, Json, Model, Offer, Placement, Stage, Window

__all__ = [
    "FUNCTIONS",
    "Accepted",
    "All",
    "Among",
    "Basis",
    "Compare",
    "Comparison",
    "Condition",
    "Expected",
    "Expression",
    "Given",
    "Includes",
    "Json",
    "Known",
    "Literal",
    "Model",
    "ModelBuilder",
    "Named",
    "Not",
    "Offer",
    "Outcome",
    "Place",
    "Placement",
    "Problem",
    "Progress",
    "Scenario",
    "Signalled",
    "Some",
    "Stage",
    "Stated",
    "Text",
    "TextTest",
    "Token",
    "Unknown",
    "When",
    "Window",
    "has_scenarios",
    "model_schema",
    "models_from_dicts",
    "parse_expression",
    "parse_template",
    "read_models",
    "read_scenarios",
    "scenario_schema",
    "walk",
]
