"""The class of the device: client hints where the browser sends them, the User-Agent where it does not."""

from __future__ import annotations

from functools import lru_cache

PHONE, TABLET, DESKTOP = "phone", "tablet", "desktop"
MAX_USER_AGENT = 512  # octets that are looked at
_REMEMBERED = 1_024
# Form factors of the client hint, those first that say more: a tablet may call itself mobile, too.
_FACTORS = ((b'"tablet"', TABLET), (b'"mobile"', PHONE), (b'"desktop"', DESKTOP))
_DESKTOPS = (b"Windows NT", b"Macintosh", b"CrOS", b"X11; Linux", b"X11; Ubuntu", b"X11; Fedora")


def device_class(form_factors: bytes | None, mobile: bytes | None, user_agent: bytes | None) -> str | None:
    """`phone`, `tablet` or `desktop`; None when none of the headers tells.

    Args:
        form_factors: Sec-CH-UA-Form-Factors: a list of strings. One that names none of the three says that the
            device is another.
        mobile: Sec-CH-UA-Mobile: `?1` is a phone. `?0` may be a tablet as well.
        user_agent: The first octets of the User-Agent. An iPad of today calls itself a Macintosh there.
    """
    if form_factors:
        known = form_factors[:MAX_USER_AGENT].lower()
        return next((name for factor, name in _FACTORS if factor in known), None)
    if mobile == b"?1":
        return PHONE
    return None if user_agent is None else _of_user_agent(user_agent[:MAX_USER_AGENT])


@lru_cache(_REMEMBERED)
def _of_user_agent(text: bytes) -> str | None:
    if b"iPad" in text or b"Tablet" in text or b"PlayBook" in text or b"Silk/" in text:
        return TABLET
    if b"Android" in text:
        return PHONE if b"Mobile" in text else TABLET
    if b"iPhone" in text or b"iPod" in text or b"Windows Phone" in text or b"Mobile" in text:
        return PHONE
    return DESKTOP if any(each in text for each in _DESKTOPS) else None
