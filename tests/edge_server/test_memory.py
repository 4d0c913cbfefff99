"""What visitors send fills no memory: 100,000 distinct consents, profiles and names, one after the other."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from support.source import REPOSITORY

REQUESTS = 100_000
BOUND_MIB = (
    64  # consents are remembered in 32 MiB, signals in the policy's own memory; the rest is the allocator's
)

PROGRAM = """
import asyncio, json, sys
sys.path.insert(0, "tests")
from support.asgi import send
from support.edge import edge_app
from support.tc_strings import ALPHABET, encode_tc

TCF = encode_tc(publisher=(1, 5, 6, 11))

def resident_mib():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 2**20

def request(number):
    kind, attributes = number % 4, {f"n{number}": number, "first_name": f"v{number}"}
    document = {"placement": "home.hero", "attributes": attributes}
    if kind == 0:  # a consent of its own: another instant (characters 7 and 13), another consent tool (14 and 15)
        a, b, c = ALPHABET[number % 64], ALPHABET[number // 64 % 64], ALPHABET[number // 4096 % 64]
        tcf = TCF[:6] + a + TCF[7:12] + a + b + c + TCF[15:]
        return "/v1/decide", document, f"euconsent-v2={tcf}"
    if kind == 1:  # no consent, as long as a cookie may be
        return "/v1/decide", document, f"euconsent-v2={number}" + "x" * 4_000 + f"; other={number}"
    if kind == 2:  # a profile cookie that is not ours
        cookie = f"__Host-discreet={number}; usprivacy=1{number % 10}YN"
        return f"/ofrep/v1/evaluate/flags/{number}", {"context": {str(number): number}}, cookie
    return f"/v1/bundles/{number}", document, f"OptanonConsent=groups=C{number}:1; gpp={number}"

async def main(total):
    app, marks = edge_app(), []
    for number in range(total):
        path, document, cookie = request(number)
        reply = await send(app, "POST", path, document=document, headers=[("cookie", cookie), ("cf-ipcountry", "IT")])
        assert reply.status in (200, 404, 405), reply
        if number in (total // 10, total - 1):
            marks.append(resident_mib())
    print(json.dumps([marks, sum(len(each) for each in app.counts().values() if isinstance(each, dict))]))

asyncio.run(main(int(sys.argv[1])))
"""


@pytest.mark.slow
def test_a_hundred_thousand_distinct_visitors_leave_memory_bounded() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(REQUESTS)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-2000:]
    (early_mib, late_mib), labels = json.loads(done.stdout)
    assert late_mib - early_mib < BOUND_MIB
    assert labels < 500
