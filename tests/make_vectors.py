"""Write `spec/vectors/*.json` anew from the tables in `tests/support/vectors/`. See spec/vectors/README.md.

python tests/make_vectors.py                  the vectors
python tests/make_vectors.py --bundles DIR    also each of their models as a signed bundle, for other runtimes
"""

from __future__ import annotations

import sys
from pathlib import Path

from support.vectors import FILES, envelopes
from support.vectors.consent_files import consent_files


def main(arguments: list[str]) -> None:
    """Write the vectors, and with `--bundles DIR` their models as bundles."""
    for file in FILES:
        file.path.write_text(file.text(), encoding="utf-8")
    for cases in consent_files():
        cases.path.write_text(cases.text(), encoding="utf-8")
    envelopes.PATH.write_text(envelopes.text(), encoding="utf-8")
    if arguments[:1] == ["--bundles"]:
        write_bundles(Path(arguments[1]))


def write_bundles(folder: Path) -> None:
    """Write `<file>.<model>.bundle` for every model of the vectors, and the keyring that trusts them."""
    from support.products import TEST_RING, bundle_bytes

    folder.mkdir(parents=True, exist_ok=True)
    TEST_RING.write(folder / "keyring.json")
    for file in FILES:
        for name, documents in file.models.items():
            target = folder / f"{file.path.stem}.{name}.bundle"
            target.write_bytes(bundle_bytes(documents, file.bundle))


if __name__ == "__main__":
    main(sys.argv[1:])
