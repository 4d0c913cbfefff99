"""A file laid out anew says what it said, has every comment where it belongs, and is laid out once and for all."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from discreet.errors import ModelError
from discreet.model.formatting import formatted, respelled
from support.naming import named

ROOT = Path(__file__).parents[3]
SOUND = sorted(
    path
    for folder in ("examples", "sdk/discreet", "tests/sdk/model/sound")
    for path in (ROOT / folder).rglob("*.yaml")
    if path.name != "any_layout.yaml"  # its expressions are spelled anew
)


def laid_out(text: str) -> str:
    """`text`, without its common indentation, laid out anew, and again without change."""
    once = formatted(textwrap.dedent(text).encode(), "m.yaml")
    assert formatted(once, "m.yaml") == once
    return once.decode()


def unchanged(text: str) -> None:
    assert laid_out(text) == textwrap.dedent(text)


def test_keys_stand_in_the_order_of_the_format_and_names_in_the_authors() -> None:
    assert laid_out("""\
        offers:
          - content: {b: 1, a: 2}
            when: vip
            id: o
        attributes:
          vip: {purposes: [analytics], provenance: declared, type: boolean}
          age: {range: [0, null], type: number, provenance: declared, purposes: [analytics]}
        channel: web
        model: m
        """) == textwrap.dedent("""\
        model: m
        channel: web
        attributes:
          vip: {type: boolean, provenance: declared, purposes: [analytics]}
          age: {type: number, provenance: declared, purposes: [analytics], range: [0, null]}
        offers:
          - id: o
            when: vip
            content: {b: 1, a: 2}
        """)


def test_a_comment_moves_with_what_it_is_about() -> None:
    assert laid_out("""\
        # about the channel
        channel: web   # beside the channel
        # about the model
        model: m       # beside the model
        # at the end
        """) == textwrap.dedent("""\
        # about the model
        model: m # beside the model
        # about the channel
        channel: web # beside the channel
        # at the end
        """)


@pytest.mark.parametrize("head", ["# A shop\n\n", "# yaml-language-server: $schema=model.schema.json\n"])
def test_the_head_of_a_file_stays_at_the_top(head: str) -> None:
    once = laid_out(f"{head}# about the channel\nchannel: web\nmodel: m\n")

    assert once.startswith(head.rstrip("\n"))
    assert once.endswith("model: m\n# about the channel\nchannel: web\n")


def test_comments_stay_in_the_block_in_which_they_stand() -> None:
    unchanged("""\
        offers:
          # above the first
          - id: a
            stages:
              - x # beside an item
              # the end of the stages
            # the end of the offer
          # the end of the offers
        # the end of the file
        """)


def test_comments_around_values_stay() -> None:
    unchanged("""\
        model: # behind the key
          # above the value
          m # behind the value
        offers: # behind the list
          - id: a # behind the id
            content: # behind the mapping
              # above its first key
              title: x
        """)


def test_comments_behind_a_dash_stand_above_the_item() -> None:
    assert laid_out("""\
        offers:
        - # behind the dash
          # above the key
          id: a
        """) == textwrap.dedent("""\
        offers:
          # behind the dash
          # above the key
          - id: a
        """)


def test_what_is_written_on_one_line_stays_on_one_line_and_the_rest_becomes_a_block() -> None:
    assert laid_out("""\
        attributes:
          a: { type: string,   purposes: [ analytics ] }
          b: {
            # within
            type: string, # beside
            purposes: [analytics,
              functional]
          } # behind
          c: []
        """) == textwrap.dedent("""\
        attributes:
          a: {type: string, purposes: [analytics]}
          b: # behind
            # within
            type: string # beside
            purposes:
              - analytics
              - functional
          c: []
        """)


def test_a_line_that_is_too_long_becomes_a_block() -> None:
    words = ", ".join(f"word{number}" for number in range(50))

    assert laid_out(f"include: [{words}]\n").splitlines()[:2] == ["include:", "  - word0"]


def test_values_that_were_put_into_a_column_stay_in_one() -> None:
    assert laid_out("""\
        attributes:
          a:           {type: string}
          long_name:   {type: number}

          another: {type: number}
          b:  {type: string}
        """) == textwrap.dedent("""\
        attributes:
          a:         {type: string}
          long_name: {type: number}

          another: {type: number}
          b: {type: string}
        """)


def test_blank_lines_stay_one_by_one_and_never_open_a_block() -> None:
    assert laid_out("\n\nmodel: m\n\n\n\nchannel: web\noffers:\n\n  - id: a\n\n\n  - id: b\n\n\n") == (
        "model: m\n\nchannel: web\noffers:\n  - id: a\n\n  - id: b\n"
    )


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("'Welcome back'", "Welcome back"),
        ('"Two words."', "Two words."),
        ("'ungewöhnlich'", "ungewöhnlich"),
        ('"שלום עולם"', "שלום עולם"),
        ('"你好"', "你好"),
        ("NO", "NO"),
        ("'NO'", '"NO"'),
        ("'yes'", '"yes"'),
        ("'12'", '"12"'),
        ("'2026-03-01'", '"2026-03-01"'),
        ("12:30", "12:30"),
        ("0x1F", "0x1F"),
        ("1e3", "1e3"),
        ("~", "~"),
        ("'~'", '"~"'),
        ("'a: b'", '"a: b"'),
        ("'a, {b|c}'", '"a, {b|c}"'),
        ("'say \"hi\"'", "'say \"hi\"'"),
        ('"say \\"hi\\""', "'say \"hi\"'"),
        ('"it\'s \\"so\\""', "'it''s \"so\"'"),
        ('"a\\u00e9"', '"a\\u00e9"'),
        ('"a\\tb"', '"a\\tb"'),
        ("''", '""'),
        ("' a'", '" a"'),
        ("'a\\b'", "'a\\b'"),
    ],
    ids=named,
)
def test_quotes_stand_where_they_are_needed(written: str, kept: str) -> None:
    assert laid_out(f"model: {written}\n") == f"model: {kept}\n"
    assert laid_out(f"a: [{written}]\n") == f"a: [{kept}]\n"


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("a>=1 and(b or  not c)", "a >= 1 and (b or not c)"),
        ("not(a)", "not (a)"),
        ("18<=age<65", "18 <= age < 65"),
        ("country in['IT','FR' ,]", 'country in ["IT", "FR"]'),
        ("a not   in [ 1,- 2 ]", "a not in [1, -2]"),
        ("any_of( a , 'x' )", 'any_of(a, "x")'),
        ("a == 'say \"hi\"'", "a == 'say \"hi\"'"),
        ("a == 'it\\'s'", 'a == "it\'s"'),
        ("a == 'a\\\\n'", 'a == "a\\\\n"'),
        ('a == "it\\u0027s"', 'a == "it\\u0027s"'),
        ("a >= 1.50", "a >= 1.50"),
        ("a\n  or b", "a or b"),
        ("a = 1", "a = 1"),
    ],
    ids=named,
)
def test_an_expression_has_one_spelling(written: str, spelled: str) -> None:
    assert respelled(written) == spelled
    assert respelled(spelled) == spelled


def test_expressions_are_respelled_wherever_they_stand() -> None:
    assert laid_out(
        """\
        conditions:
          a: {says: A, when: "vip"}
          b:
            says: B
            when: >-
              age   >= 18 and
              age < 65   # part of the text
        stages:
          - id: s
            when: [a, 'country=="IT"', {any: ["b", 'c in ["x"]']}]
        offers:
          - id: o
            when: '"x" in y'
            content: {when: "a>1"}
        """.replace("   # part of the text", "")
    ) == textwrap.dedent("""\
        conditions:
          a: {says: A, when: vip}
          b:
            says: B
            when: age >= 18 and age < 65
        stages:
          - id: s
            when: [a, country == "IT", {any: [b, 'c in ["x"]']}]
        offers:
          - id: o
            when: '"x" in y'
            content: {when: "a>1"}
        """)


def test_a_long_expression_keeps_its_lines() -> None:
    unchanged(f"""\
        conditions:
          a:
            says: A
            when: >-
              {" or ".join(["country == 1"] * 6)} or
              {" or ".join(["country == 2"] * 6)}
        """)


def test_texts_over_several_lines_keep_them() -> None:
    assert laid_out("""\
        offers:
            - id: o
              content:
                  a: |  # behind the header
                      one
                        two

                      three


                  b: >+
                      kept

                  c: |2
                      two spaces first
                    none
                  d: "folded
                      over \\
                      lines"
                  e: plain
                      over lines
        """) == textwrap.dedent("""\
        offers:
          - id: o
            content:
              a: | # behind the header
                one
                  two

                three

              b: >+
                kept

              c: |2
                  two spaces first
                none
              d: "folded
                over \\
                lines"
              e: plain
                over lines
        """)


def test_what_stands_before_a_document_stays() -> None:
    assert laid_out("%YAML 1.2\n# first\n--- # beside\nmodel: m\n...\n") == (
        "%YAML 1.2\n# first\n---\n# beside\nmodel: m\n"
    )


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["no mark", "mark"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=named)
def test_the_line_ends_and_the_mark_of_a_file_stay(mark: str, end: str) -> None:
    lines = ["# first", "", "", "model:  m # last"]
    again = ["# first", "", "model: m # last", ""]

    assert formatted((mark + end.join(lines)).encode(), "m.yaml") == (mark + end.join(again)).encode()


def test_json_is_laid_out_too() -> None:
    offer = '{"content": {"a": 1.50, "b": "\\u00e9"}, "when": ["a==\'x\'"], "id": "o"}'
    text = f'{{"channel": "web", "model": "m", "attributes": {{}}, "offers": [{offer}]}}'.encode()

    assert formatted(text, "m.json").decode() == textwrap.dedent("""\
        {
          "model": "m",
          "channel": "web",
          "attributes": {},
          "offers": [
            {
              "id": "o",
              "when": ["a == \\"x\\""],
              "content": {"a": 1.50, "b": "\\u00e9"}
            }
          ]
        }
        """)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", ["empty-file"]),
        ("a: [", ["yaml-syntax"]),
        ("a: 1\na: 2", ["duplicate-key"]),
        ("a: &x 1", ["yaml-feature"]),
        ("a:", ["no-value"]),
        ("conditions: {a: {when: a = 1 && b}}", ["syntax", "syntax"]),
    ],
    ids=named,
)
def test_a_file_with_problems_is_refused_with_them(text: str, codes: list[str]) -> None:
    with pytest.raises(ModelError) as caught:
        formatted(text.encode(), "m.yaml")

    assert [each.code for each in caught.value.problems] == codes


@pytest.mark.parametrize("path", SOUND, ids=lambda path: path.name)
def test_a_file_of_the_project_says_the_same_to_another_reader(path: Path) -> None:
    from ruamel.yaml import YAML

    other = YAML(typ="safe", pure=True)
    other.version = (1, 2)
    before = path.read_bytes()
    after = formatted(before, path.name)

    assert formatted(after, path.name) == after
    assert other.load(after) == other.load(before)
    assert comments(before) == comments(after)


def comments(data: bytes) -> list[str]:
    lines = data.decode().splitlines()
    return sorted(
        line[line.index("# ") :].strip() for line in lines if line.strip().startswith("# ") or " # " in line
    )
