"""Make `cdnow/purchases.csv.xz` from the CDNOW master file: the same bytes from the same file.

    python -m discreet.demo.pack_cdnow CDNOW_master.txt [TARGET]

The master file is `lifetimes/datasets/CDNOW_master.txt` of the package `lifetimes` 0.11.3. Nothing is left out, added
or rounded: the columns become comma separated, the date ISO 8601, the customer number a plain integer. See
`cdnow/SOURCE.md`.
"""

from __future__ import annotations

import argparse
import datetime
import lzma
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

HEADER = "customer,date,cds,dollars"
TARGET = Path(__file__).parent / "cdnow" / "purchases.csv.xz"


def pack(lines: Iterable[str]) -> bytes:
    """The master file's lines, header included, as xz-compressed CSV.

    Raises:
        ValueError: a line is not a purchase; the message names its number.
    """
    text = "\n".join((HEADER, *_rows(lines), ""))
    return lzma.compress(
        text.encode("ascii"),
        format=lzma.FORMAT_XZ,
        check=lzma.CHECK_SHA256,
        preset=9 | lzma.PRESET_EXTREME,
    )


def _rows(lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        fields = line.split()
        if number == 1 or not fields:
            continue
        try:
            customer, day, cds, dollars = fields
            iso = datetime.datetime.strptime(day, "%Y%m%d").date().isoformat()
            yield f"{int(customer)},{iso},{int(cds)},{dollars}"
        except ValueError as error:
            raise ValueError(f"line {number} is not a purchase") from error


def main() -> None:
    """Read the master file named on the command line and write the compact one."""
    parser = argparse.ArgumentParser(prog="python -m discreet.demo.pack_cdnow", description="Pack CDNOW.")
    parser.add_argument("source", type=Path, help="CDNOW_master.txt")
    parser.add_argument(
        "target", type=Path, nargs="?", default=TARGET, help="where to write (default: the demo)"
    )
    options = parser.parse_args()
    packed = pack(options.source.read_text(encoding="ascii").splitlines())
    options.target.write_bytes(packed)
    sys.stdout.write(f"{options.target.name}: {len(packed):,} bytes\n")


if __name__ == "__main__":
    main()
