from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from report_samples import HOSTILE, hostile_report, many_findings, render, small_report

from thea_hook.core.report import Report
from thea_hook.reporting.markup import element, escape

JUNIT = """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite id="0" name="src/a.js" package="thea-hook" timestamp="NOW" hostname="localhost" \
tests="2" failures="2" errors="0" time="0">
    <properties/>
    <testcase name="thea-hook.no-var" classname="src/a.js" time="0">
      <failure type="error" message="Unexpected `var`.">line 2, column 1: Unexpected `var`.</failure>
    </testcase>
    <testcase name="thea-hook.no-debugger" classname="src/a.js" time="0">
      <failure type="warning" message="A `debugger` statement.">line 4, column 2: A `debugger` statement.</failure>
    </testcase>
    <system-out/>
    <system-err/>
  </testsuite>
  <testsuite id="1" name="src/b.js" package="thea-hook" timestamp="NOW" hostname="localhost" \
tests="1" failures="0" errors="0" time="0">
    <properties/>
    <testcase name="thea-hook" classname="src/b.js" time="0"/>
    <system-out/>
    <system-err/>
  </testsuite>
  <testsuite id="2" name="broken.js" package="thea-hook" timestamp="NOW" hostname="localhost" \
tests="1" failures="0" errors="1" time="0">
    <properties/>
    <testcase name="thea-hook.read" classname="broken.js" time="0">
      <error type="read" message="read failed: permission denied"/>
    </testcase>
    <system-out/>
    <system-err/>
  </testsuite>
</testsuites>
"""
CHECKSTYLE = """\
<?xml version="1.0" encoding="UTF-8"?>
<checkstyle version="4.3">
  <file name="src/a.js">
    <error line="2" column="1" severity="error" message="Unexpected `var`." source="thea-hook.no-var"/>
    <error line="4" column="2" severity="warning" message="A `debugger` statement." source="thea-hook.no-debugger"/>
  </file>
  <file name="broken.js">
    <error line="1" severity="error" message="read failed: permission denied" source="thea-hook.read-failed"/>
  </file>
</checkstyle>
"""

SEEN = (
    HOSTILE.replace("\x1b", "\\x1b")
    .replace("\x00", "\\x00")
    .replace("\x07", "\\x07")
    .replace("\udcff", "\\udcff")
    .replace("\ufffe", "\\ufffe")
)


@pytest.mark.parametrize("format_name,golden", [("junit", JUNIT), ("checkstyle", CHECKSTYLE)])
def test_a_small_report_reads_like_this(format_name: str, golden: str) -> None:
    assert re.sub('(?<=timestamp=")[0-9T:-]{19}', "NOW", render(format_name, small_report())) == golden


def test_hostile_text_comes_back_from_checkstyle() -> None:
    root = ElementTree.fromstring(render("checkstyle", hostile_report()).encode())
    assert [error.get("message") for error in root.iter("error")] == [SEEN, SEEN, f"read failed: {SEEN}"]
    assert len({file.get("name") for file in root.iter("file")}) == 1


def test_hostile_text_comes_back_from_junit() -> None:
    root = ElementTree.fromstring(render("junit", hostile_report()).encode())
    assert [failure.get("message") for failure in root.iter("failure")] == [SEEN, SEEN]
    assert all((failure.text or "").endswith(SEEN) for failure in root.iter("failure"))
    (error,) = root.iter("error")
    assert error.get("message") == f"read failed: {SEEN}"


def test_every_character_of_the_first_planes_is_valid_xml() -> None:
    for start in range(0, 0x20000, 0x1000):
        text = "".join(map(chr, range(start, start + 0x1000)))
        root = ElementTree.fromstring(element("a", {"b": text}, escape(text) or "x").encode())
        assert root.get("b") == root.text


def test_junit_suites_count_their_tests() -> None:
    root = ElementTree.fromstring(render("junit", Report((many_findings(3), *small_report().results))).encode())
    for suite in root:
        for key, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
            assert int(suite.get(key, "")) == len(list(suite.iter(tag)))
    assert [suite.get("tests") for suite in root] == ["3", "2", "1", "1"]
