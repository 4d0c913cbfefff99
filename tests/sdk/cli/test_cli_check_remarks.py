"""`discreet check` tells what is legal in a model and perhaps not meant, and stays content with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.command_line import Shop, document, invoke

MESSAGE = (
    "no TC string grants `personalize.content`, only `personalize.content.limited`, `.profiled` or "
    "`.profiling`; a consent tool's group, a regime's default or a grant of your own can"
)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "web.yaml"
    path.write_text(
        "model: web\nchannel: web\nattributes:\n"
        "  visits: {type: number, provenance: contextual, purposes: [personalize.content]}\n"
        "stages: [{id: discover}]\nplacements: {top: {fallback: hello}}\noffers: [{id: hello, content: {}}]\n"
    )
    return path


def test_a_remark_is_a_note_on_stdout_and_no_problem(model: Path) -> None:
    result = invoke("check", model)

    assert result.exit_code == 0
    assert result.stdout.splitlines()[-2:] == [
        f"note: {model}:4:3: {MESSAGE} [no-signal-grants]",
        "1 model, no problems",
    ]


def test_a_remark_is_in_the_document_for_machines(model: Path) -> None:
    result = invoke("check", model, "--json")
    answer = document(result)

    assert result.exit_code == 0
    assert answer["sound"] is True
    (remark,) = answer["remarks"]
    assert (remark["line"], remark["code"], remark["message"]) == (4, "no-signal-grants", MESSAGE)


def test_a_model_of_which_there_is_nothing_to_say_has_no_remarks(shop: Shop) -> None:
    assert document(invoke("check", shop.model, "--json"))["remarks"] == []
    assert "note:" not in invoke("check", shop.model).stdout
