"""The package of a function: whole in itself, and within the quota of every event."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.lambda_edge import QUOTAS, event, write_package, zipped

RUN = """
import json, sys
sys.path.insert(0, sys.argv[1])
import function
print(json.dumps([function.handler(each, None) for each in json.loads(sys.argv[2])]))
"""


def test_a_package_runs_with_nothing_beside_it_and_fits(tmp_path: Path) -> None:
    folder = tmp_path / "package"
    write_package(folder)
    sent = [event("viewer-request"), event("viewer-request", "/v1/decide"), event("viewer-response")]

    command = [sys.executable, "-I", "-S", "-c", RUN, str(folder), json.dumps(sent)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)

    request, answer, response = json.loads(done.stdout)
    assert request["headers"]["x-discreet-home-hero"][0]["value"] == "welcome"
    assert json.loads(answer["body"])["decisions"][0]["offer"] == "welcome"
    assert response["headers"]["cache-control"][0]["value"] == "private, no-store"
    assert zipped(folder, tmp_path / "function.zip", level=1) < max(QUOTAS.values())
