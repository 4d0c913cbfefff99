"""docs/events.md tells the truth."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from pathlib import Path

import jsonschema

from discreet import Keyring
from discreet.compiler import SigningKey, build
from discreet.model import read_models
from support.journals import SCHEMA, lines
from support.readme import blocks
from support.source import REPOSITORY

PAGE = REPOSITORY / "docs" / "events.md"
ROW = re.compile(r"^\| (`[^|]*`) \| (both|decision) \| (yes)? ?\|", re.MULTILINE)


def test_its_example_runs(tmp_path: Path) -> None:
    key, models = SigningKey.generate(), read_models([REPOSITORY / "examples/cdnow/web.yaml"])
    bundle = build(models, [key], name="shop", version=1, created_s=0, expires_s=253_402_300_799)
    (tmp_path / "shop.bundle").write_bytes(bundle)
    Keyring([key.public]).write(tmp_path / "trusted-keys.json")
    secret = tmp_path / "log.secret"
    secret.write_bytes(base64.urlsafe_b64encode(bytes(range(32))) + b"\n")
    secret.chmod(0o600)
    (page,) = blocks(PAGE, "In a server", "python")

    ran = subprocess.run(
        [sys.executable, "-c", page], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    records = lines(tmp_path / "decisions.jsonl")
    assert {each["kind"] for each in records} == {"decision", "exposure"}
    assert f"'written': {len(records)}" in ran.stdout
    for record in records:
        SCHEMA.validate(record)


def test_its_table_has_the_fields_of_the_schema() -> None:
    schema = json.loads((REPOSITORY / "spec" / "event.schema.json").read_text(encoding="utf-8"))
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))
    fields = [(name, of, needs == "yes") for names, of, needs in rows for name in re.findall(r"\w+", names)]

    for kind in ("decision", "exposure"):
        told = [(name, needs) for name, of, needs in fields if of in ("both", kind)]
        assert [*schema["$defs"][f"detailed_{kind}"]["properties"]] == [name for name, _ in told]
        assert [*schema["$defs"][f"plain_{kind}"]["properties"]] == [
            name for name, needs in told if not needs
        ]


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA.schema)
