"""Scenario results as a JUnit XML report, the form that build servers read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.etree import ElementTree as Xml

if TYPE_CHECKING:
    from .scenario_run import ScenarioResult


def junit(results: Sequence[ScenarioResult]) -> bytes:
    """The report: one suite, a case for each scenario, a failure where one failed."""
    failed = sum(1 for result in results if not result.passed)
    suite = Xml.Element(
        "testsuite", name="discreet", tests=str(len(results)), failures=str(failed), errors="0"
    )
    for result in results:
        case = Xml.SubElement(
            suite,
            "testcase",
            name=_legal(result.scenario.name),
            classname=_legal(result.file),
            file=_legal(result.file),
            line=str(result.line),
        )
        if not result.passed:
            Xml.SubElement(case, "failure", message=_legal(_message(result)))
    root = Xml.Element("testsuites")
    root.append(suite)
    Xml.indent(root)
    data: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return data + b"\n"


def _message(result: ScenarioResult) -> str:
    got = ", ".join(f"{name} {value}" for name, value in result.got.items())
    expected = ", ".join(f"{name} {value}" for name, value in result.expected.items())
    return "; ".join([f"expected {expected}", f"got {got}", *result.why])


def _legal(text: str) -> str:
    """`text` without what XML 1.0 cannot hold at all."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
