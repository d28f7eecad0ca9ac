"""A linter of a few lines, in the place of ESLint: what Node would run, written in Python.

It finds `==` (and suggests `===`), `foo` (and fixes it to `bar`), `bar2` (which the fix of `foo2` leads to), `eval(`
(with a comment that silences it as the suggestion), and a text with an odd number of braces, which it cannot read.
"""

from __future__ import annotations

import sys
from pathlib import Path

NODE = """#!{python}
import json, os, re, sys, time

def message(rule, text, match, **more):
    before = text[:match.start()]
    line, column = before.count("\\n") + 1, len(before.rpartition("\\n")[2].encode("utf-16-le")) // 2 + 1
    length = len(match.group().encode("utf-16-le")) // 2
    at = len(before.encode("utf-16-le")) // 2
    found = {{"ruleId": rule, "message": f"{{rule}} here", "severity": 2, "line": line, "column": column,
             "endLine": line, "endColumn": column + length}}
    for key, new in more.items():
        fix = {{"range": [at, at + length], "text": new}}
        found.update({{"fix": fix}} if key == "fix" else {{"suggestions": [{{"desc": "Do this", "fix": fix}}]}})
    return found

def lint(text):
    if text.count("{{") != text.count("}}"):
        return [{{"ruleId": None, "fatal": True, "message": "Parsing error", "severity": 2, "line": 1, "column": 1}}]
    found = [message("eqeqeq", text, m, suggestion="===") for m in re.finditer(r"(?<![=!])==(?!=)", text)]
    found += [message("no-foo", text, m, fix="bar" + m[1]) for m in re.finditer(r"\\bfoo(\\d*)\\b", text)]
    found += [message("no-bar2", text, m) for m in re.finditer(r"\\bbar2\\b", text)]
    if "eslint-disable" not in text:
        found += [message("no-eval", text, m, suggestion="/* eslint-disable */ eval(")
                  for m in re.finditer(r"eval\\(", text)]
    return found

def look(path, text):
    if mode == "stumble" and "===" in text:
        return {{"failure": "TypeError: a rule of yours"}}
    return None if "ignored" in path else lint(text)

mode = os.environ.get("DOUBLE", "")
if mode == "crash":
    sys.exit("Could not find config file.")
folder, token = sys.argv[3:]
with open("started.log", "a") as log:
    log.write("started\\n")
for _ in sys.stdin:
    if mode == "hang":
        time.sleep(60)
    if mode == "exit":
        sys.exit(3)
    with open(folder + "/question.json") as stream:
        texts = json.load(stream)["texts"]
    with open("asked.log", "a") as log:
        log.write(f"{{len(texts)}}\\n")
    answers = [look(path, text) for path, text in texts]
    if mode == "short":
        answers = answers[1:]
    if mode == "odd":
        answers = [[{{"line": []}}] for _ in answers]
    print("a plugin says hello", end="")
    with open(folder + "/answer.json", "w") as stream:
        stream.write("no JSON" if mode == "garbage" else json.dumps(answers))
    print(token, flush=True)
"""


def install(project: Path, programs: Path) -> None:
    """Put the double where thea-hook looks for ESLint and for Node."""
    package = project / "node_modules" / "eslint"
    package.mkdir(parents=True)
    (package / "package.json").write_text("{}")
    programs.mkdir()
    node = programs / "node"
    node.write_text(NODE.format(python=sys.executable))
    node.chmod(0o755)
