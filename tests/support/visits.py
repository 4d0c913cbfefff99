"""Requests of one visitor, for tests on reading them."""

from __future__ import annotations

from discreet_consent import Consent, Signals, resolve
from support import cmp_cookies
from support.tc_strings import ALL_PURPOSES, NOW_S, encode_tc

GRANTS = encode_tc(publisher=ALL_PURPOSES)
REFUSES = encode_tc(publisher=())
GPP = "DBACNYA~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA~1YNN"
# Other cookies of a site: two of them make Python's `http.cookies` drop the rest of the header.
NOISE = (
    '_ga=GA1.1.1234567890.1700000000; session=abc.def-ghi; prefs={"theme": "dark", "size": 2}; a b=x; flag'
)
ONETRUST = {
    "OptanonConsent": cmp_cookies.onetrust({"C0001": True, "C0002": True, "C0004": False}),
    "OptanonAlertBoxClosed": cmp_cookies.CHOSEN,
}


def jar(*cookies: str) -> list[tuple[str, str]]:
    return [("Cookie", "; ".join(cookies))]


def of_italy(signals: Signals) -> Consent:
    return resolve(signals=signals, region="IT", now_s=NOW_S)
