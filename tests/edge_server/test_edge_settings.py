"""Settings check themselves, and say which is wrong without repeating it."""

from __future__ import annotations

from typing import Any

import pytest

from discreet.visitors import SettingsError
from discreet_edge import EdgeSettings


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_body_bytes": 0}, {"max_header_bytes": "16k"}, {"max_cookie_bytes": True}, {"body_timeout_s": 0},
        {"body_timeout_s": float("inf")}, {"rate_per_s": -1}, {"burst": 0.5}, {"change_rate_per_s": None},
        {"admin_token_sha256": "secret-token"}, {"admin_token_sha256": "A" * 64}, {"cors_origins": ("shop.example",)},
        {"cors_origins": ("https://shop.example/",)}, {"cors_origins": "https://shop.example"}, {"metrics": 1},
        {"cors_credentials": True, "cors_origins": ("*",)}, {"gpc": "yes"}, {"gpc_last_update": "last week"},
    ],
    ids=lambda each: next(iter(each)),
)  # fmt: skip
def test_a_setting_that_cannot_be_is_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError) as caught:
        EdgeSettings(**wrong)

    assert caught.value.key == next(iter(wrong))
    assert "secret-token" not in str(caught.value)


def test_settings_that_can_be_are_taken() -> None:
    origins = (
        "https://shop.example",
        "http://127.0.0.1:8000",
        "http://[::1]:8000",
        "https://shop.example:8443",
    )

    settings = EdgeSettings(
        cors_origins=origins, cors_credentials=True, rate_per_s=50, gpc_last_update="2026-01-31"
    )

    assert settings.cors_origins == origins
