"""`discreet verify` and `discreet show`: may it be served, and what is in it?"""

from __future__ import annotations

from pathlib import Path

import pytest

from support.command_line import BUILT, OPENED, Shop, document, invoke


class TestVerify:
    def test_says_yes_and_who_signed(self, shop: Shop) -> None:
        result = invoke("verify", *shop.trusted)
        answer = document(invoke("verify", *shop.trusted, "--json"))

        assert result.exit_code == 0
        assert result.stdout.startswith(f"{shop.bundle}: verified\n")
        assert f"  digest   {answer['digest']}\n" in result.stdout
        assert answer["verified"] is True
        assert answer["version"] == 7
        assert answer["size_bytes"] == shop.bundle.stat().st_size

    def test_one_flipped_bit_is_a_no(self, shop: Shop, tmp_path: Path) -> None:
        data = bytearray(shop.bundle.read_bytes())
        data[len(data) // 2] ^= 1
        forged = tmp_path / "forged.bundle"
        forged.write_bytes(data)
        result = invoke("verify", forged, "--trust", shop.ring, "--now", OPENED)

        assert result.exit_code == 1
        assert result.stdout == ""
        assert result.stderr.startswith(f"discreet: `{forged}`: the signature of key `ed25519:")

    def test_a_key_that_nobody_trusts_is_a_no(self, shop: Shop, tmp_path: Path) -> None:
        invoke("keys", "new", "mallory", "--out", tmp_path)
        result = invoke(
            "verify", shop.bundle, "--trust", tmp_path / "mallory.pub.json", "--now", OPENED, "--json"
        )

        error = document(result)["error"]
        assert result.exit_code == 1
        assert error["code"] == "bad-signature"
        assert error["message"].startswith(f"`{shop.bundle}`: ")
        assert error["message"].endswith(f" (keyring `{tmp_path / 'mallory.pub.json'}`)")

    @pytest.mark.parametrize(
        ("more", "code"),
        [
            (["--now", "2026-05-01"], "expired-bundle"),
            (["--now", "2026-03-31T23:59:59Z"], "expired-bundle"),
            (["--floor", "8"], "older-than-floor"),
        ],
    )
    def test_its_time_and_its_version_count(self, more: list[str], code: str, shop: Shop) -> None:
        result = invoke("verify", *shop.trusted, *more, "--json")

        assert result.exit_code == 1
        assert document(result)["error"]["code"] == code

    def test_its_own_floor_version_is_enough(self, shop: Shop) -> None:
        assert invoke("verify", *shop.trusted, "--floor", "7").exit_code == 0

    def test_a_file_that_is_no_bundle_is_a_no(self, shop: Shop) -> None:
        result = invoke("verify", shop.model, "--trust", shop.ring)

        assert result.exit_code == 1
        assert result.stderr.startswith(f"discreet: `{shop.model}`: ")
        size = f"{shop.model.stat().st_size:,}"
        assert result.stderr.endswith(f" ({size} bytes; cut, or another kind of file?)\n")

    def test_a_file_that_is_no_keyring_could_not_run(self, shop: Shop) -> None:
        result = invoke("verify", shop.bundle, "--trust", shop.model)

        assert result.exit_code == 2
        assert result.stderr.startswith(f"discreet: `{shop.model}`: not a keyring")


class TestShow:
    def test_shows_the_catalogue_the_stages_and_every_placement_and_offer(self, shop: Shop) -> None:
        result = invoke("show", *shop.trusted)
        answer = document(invoke("show", *shop.trusted, "--json"))
        (model,) = answer["models"]

        assert result.exit_code == 0
        assert "  stages: discover > consider > buy > settle > stay\n" in result.stdout
        assert "  home.hero: 10 offers compete, else `welcome`\n" in result.stdout
        assert "  home.tip: 1 offer competes, else `tip_sizes`\n" in result.stdout
        for name in (
            *(each["name"] for each in answer["attributes"]),
            *(each["id"] for each in model["offers"]),
        ):
            assert name in result.stdout
        assert not [line for line in result.stdout.splitlines() if line != line.rstrip()]

    def test_the_certificate_names_attributes_and_purposes(self, shop: Shop) -> None:
        (model,) = document(invoke("show", *shop.trusted, "--json"))["models"]
        offers = {offer["id"]: offer for offer in model["offers"]}

        assert offers["back_to_basket"]["attributes"] == ["basket_items"]
        assert offers["back_to_basket"]["purposes"] == ["essential.service"]
        assert offers["running_season"]["attributes"] == ["first_name", "interests", "viewed", "visits_30d"]
        assert offers["running_season"]["from"] == "2026-03-01T00:00:00Z"
        assert not any(offer["waives_withdrawal"] for offer in offers.values())

    def test_a_waiver_is_shown(self, shop: Shop, tmp_path: Path) -> None:
        model = tmp_path / "waiving.yaml"
        text = shop.model.read_text()
        model.write_text(
            text.replace(
                "\noffers:\n",
                "\noffers:\n"
                "  - {id: say_hello, placements: [home.tip], when: unknown(first_name), waive: withdrawal,\n"
                "     content: {text: How shall we call you?}}\n",
            )
        )
        bundle = tmp_path / "waiving.bundle"
        assert invoke("build", model, "--key", shop.secret, "-o", bundle, "--created", BUILT).exit_code == 0
        result = invoke("show", bundle, "--trust", shop.ring, "--now", OPENED)

        assert "  say_hello: home.tip; every stage; always\n" in result.stdout
        assert "    waiver      withdrawing consent can make it eligible\n" in result.stdout
        assert "  waivers     say_hello\n" in invoke("check", model).stdout

    def test_shows_nothing_of_a_bundle_that_is_refused(self, shop: Shop) -> None:
        result = invoke("show", *shop.trusted, "--now", "2027-01-01")

        assert result.exit_code == 1
        assert result.stdout == ""
        assert result.stderr.startswith(f"discreet: `{shop.bundle}`: the bundle ")
