"""Answers in all the forms that models give them, and which of them can be understood."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from servers import edits

from thea_hook.teacher.lines import Shown
from thea_hook.teacher.reply import Reading, read_reply

TEXT = """\
export function first(items) {
  const found = [];
  for (const item of items {
    if (found.length < limit) {
      found.push(load(item));
    }
  }
  return found;
}
"""
FIRST = 5  # the number of its first line in the file
BAD, GOOD = "  for (const item of items {", "  for (const item of items) {"
MENDED = TEXT.replace(BAD, GOOD)
WHOLE = "import a from 'a';\n\nconst limit = 10;\n\n" + TEXT + "\nfirst([]);\n"
WHOLE_MENDED = WHOLE.replace(BAD, GOOD)
ANSWER = edits((7, BAD, GOOD))


def read(answer: str, text: str = TEXT) -> Reading:
    return read_reply(answer, Shown.of(text, FIRST), WHOLE)


def fenced(text: str, language: str = "") -> str:
    return f"```{language}\n{text}\n```"


DIFF = f"""\
--- a/first.js
+++ b/first.js
@@ -6,3 +6,3 @@
   const found = [];
-{BAD}
+{GOOD}
     if (found.length < limit) {{
"""

UNDERSTOOD: dict[str, str] = {
    "as asked for": ANSWER,
    "with blanks around": f"\n\n  {ANSWER}\n",
    "in a fence": fenced(ANSWER, "json"),
    "in a fence that is not closed": f"```json\n{ANSWER}",
    "in a fence of tildes": f"~~~\n{ANSWER}\n~~~",
    "after thoughts": f"<think>\nA {{ is {{missing}}.\n</think>\n{ANSWER}",
    "after thoughts that were opened in the question": f"It lacks a parenthesis.\n</think>\n\n{ANSWER}",
    "after thoughts of another name": f"<reasoning>hm</reasoning>{ANSWER}",
    "between words": f"Here is the repair:\n\n{ANSWER}\n\nHope this helps!",
    "after an example of the form": f'The form is {{"a": 1}}.\n{ANSWER}',
    "a list of edits": json.dumps(json.loads(ANSWER)["edits"]),
    "one edit": json.dumps(json.loads(ANSWER)["edits"][0]),
    "more keys than were asked for": json.dumps({"why": "x", **json.loads(ANSWER), "applicability": "safe"}),
    "another line number": edits((1, BAD, GOOD)),
    "a line number outside": edits((9_999, BAD, GOOD)),
    "a line number that is none": ANSWER.replace("7", '"seven"'),
    "lines with their numbers": edits((7, f"    7| {BAD}", f"    7| {GOOD}")),
    "lines without indentation": edits((7, BAD.strip(), GOOD.strip())),
    "lines with blanks behind": edits((7, BAD + "  ", GOOD)),
    "a line break at the end": edits((7, BAD + "\n", GOOD + "\n")),
    "more lines than change": edits((6, f"  const found = [];\n{BAD}", f"  const found = [];\n{GOOD}")),
    "a part of a line": edits((7, "of items {", "of items) {")),
    "carriage returns": edits((7, BAD + "\r\n", GOOD + "\r\n")),
    "a diff": DIFF,
    "a diff in a fence": fenced(DIFF, "diff"),
    "a diff in JSON": json.dumps({"diff": DIFF}),
    "a diff with wrong counts": DIFF.replace("-6,3 +6,3", "-6,17 +6,42"),
    "a diff with wrong numbers": DIFF.replace("-6,3 +6,3", "-600,3 +600,3"),
    "a diff without numbers": DIFF.replace(" -6,3 +6,3 @@", ""),
    "a diff with a heading": DIFF.replace("+6,3 @@", "+6,3 @@ function first"),
    "a diff without names": DIFF.split("\n", 2)[2],
    "a diff of git": "diff --git a/first.js b/first.js\nindex 123..456 100644\n" + DIFF,
    "a diff without context": f"@@ -7 +7 @@\n-{BAD}\n+{GOOD}\n",
    "a diff with torn context": DIFF.replace("   const found", "const found"),
    "all lines": fenced(MENDED, "js"),
    "all lines in JSON": json.dumps({"code": MENDED}),
    "all lines with their numbers": fenced(
        "\n".join(f"{number:>5}| {line}" for number, line in enumerate(MENDED.splitlines(), FIRST))
    ),
    "all lines, indented otherwise": fenced(MENDED.replace("  ", "    "), "js"),
    "the whole file": fenced(WHOLE_MENDED, "javascript"),
    "some of the lines": fenced("\n".join(MENDED.splitlines()[1:7]), "js"),
}

REFUSED: dict[str, tuple[str, str]] = {
    "nothing": ("", "empty"),
    "thoughts alone": ("<think>I would close the parenthesis", "empty"),
    "prose": ("Close the parenthesis.", "prose"),
    "no edits": ('{"edits": []}', "does not know"),
    "too many edits": (edits(*[(7, BAD, GOOD)] * 40), "more edits"),
    "an edit of nothing": ('{"edits": [3]}', "lacks"),
    "an edit without a place": (edits((99, "", "f();")), "neither"),
    "lines from elsewhere": (edits((3, "const limit = 10;", "const limit = 11;")), "not among those shown"),
    "a part from elsewhere": (edits((1, "import", "require")), "not among those shown"),
    "two edits of one line": (edits((7, BAD, GOOD), (7, BAD, GOOD + " ")), "same lines"),
    "a part that its line has twice": (edits((7, "item", "x")), "twice"),
    "the same again": (edits((7, BAD, BAD)), "changes nothing"),
    "a diff of another place": (DIFF.replace("const found = [];", "const limit = 10;"), "not among those shown"),
    "a diff of several files": (DIFF + DIFF.replace("first", "other"), "several files"),
    "a diff that changes nothing": ("@@ -7 +7 @@\n   const found = [];\n", "changes nothing"),
    "a file with other lines changed": (fenced(WHOLE_MENDED.replace("= 10", "= 11")), "not shown"),
    "a file with other lines added": (fenced("evil();\n" + WHOLE_MENDED), "not shown"),
    "several pieces": (fenced("a();") + "\nor\n" + fenced("b();"), "several pieces"),
    "other code": (fenced("import os\nprint(1)\nprint(2)"), "does not say what it replaces"),
    "no code": (fenced("\n\n"), "no code"),
    "JSON of a tool": ('{"tool": "shell", "arguments": {"command": "rm -rf /"}}', "prose"),
    "longer than any repair": ("a" * 100_000, "longer"),
}


@pytest.mark.parametrize("answer", UNDERSTOOD.values(), ids=UNDERSTOOD)
def test_understood(answer: str) -> None:
    assert read(answer) == Reading(MENDED)


@pytest.mark.parametrize("answer,reason", REFUSED.values(), ids=REFUSED)
def test_refused(answer: str, reason: str) -> None:
    reading = read(answer)
    assert reading.text is None
    assert reason in reading.refusal


def test_line_breaks_of_the_file_stay() -> None:
    text = TEXT.replace("\n", "\r\n")
    assert read(ANSWER, text).text == MENDED.replace("\n", "\r\n")
    assert read(fenced(MENDED), text).text == MENDED.replace("\n", "\r\n")


def test_a_line_that_stays_keeps_its_blanks_and_break() -> None:
    text = TEXT.replace("const found = [];\n", "const found = [];  \t\r\n")
    answer = edits((6, f"  const found = [];\n{BAD}", f"  const found = [];\n{GOOD}"))
    assert read(answer, text).text == text.replace(BAD, GOOD)


def test_a_missing_last_line_break_stays_missing() -> None:
    shown = Shown.of("a = [1, 2;")
    assert read_reply(edits((1, "a = [1, 2;", "a = [1, 2];")), shown).text == "a = [1, 2];"


def test_the_line_number_chooses_among_equal_lines() -> None:
    shown = Shown.of("f(;\ng();\nf(;\n", 10)
    assert read_reply(edits((12, "f(;", "f();")), shown).text == "f(;\ng();\nf();\n"
    assert read_reply(edits((10, "f(;", "f();")), shown).text == "f();\ng();\nf(;\n"


def test_lines_are_inserted_before_the_one_that_is_named() -> None:
    shown = Shown.of("if (a) {\nf();\n", 3)
    assert read_reply(edits((5, "", "}")), shown).text == "if (a) {\nf();\n}\n"


SLOW = {
    "a fence without end": "`" * 60_000,
    "many fences": "~~~\n" * 15_000,
    "fences of all lengths": "".join("`" * length + "\n" for length in range(3, 340)),
    "a file of equal lines": fenced("}\n" * 30_000),
    "the same lines again and again": fenced("f(a\n}\n" * 5_000),
    "one line again and again": fenced("f(a\n" * 15_000 + "}"),
    "braces": "[{" * 30_000,
    "a diff of equal lines": "@@\n" + "-f(a\n" * 60 + "+}\n" * 15_000,
    "an edit of equal lines": edits((1, "f(a\n" * 60 + "}\n" * 59, "}\n" * 15_000)),
    "ends of thoughts": "</think   " * 6_000,
    "numbers": fenced("1|" * 30_000),
}


@pytest.mark.parametrize("answer", SLOW.values(), ids=SLOW)
def test_no_answer_takes_long(answer: str) -> None:
    """Some of these took a minute, in which no deadline is looked at."""
    shown = Shown.of("f(a\n" * 60 + "}\n" * 60)
    reading = read_reply(answer, shown, "}\n" * 200_000)
    assert (reading.text is None) == bool(reading.refusal)


@given(st.text(max_size=400))
def test_no_answer_breaks_the_reader(answer: str) -> None:
    reading = read(answer)
    assert (reading.text is None) == bool(reading.refusal)


@given(
    st.lists(
        st.sampled_from([*'{}[]"\\`@+-\n ', "edits", "old", "new", "@@", "---", "+++", "```", BAD, "<think>"]),
        max_size=40,
    )
)
def test_no_answer_in_pieces_of_a_form_breaks_the_reader(pieces: list[str]) -> None:
    reading = read("".join(pieces))
    assert (reading.text is None) == bool(reading.refusal)
