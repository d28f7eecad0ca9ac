"""Whatever can be wrong with a rule file is said with the file and the key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from thea_hook.errors import RuleError
from thea_hook.ruleset.compiler import compile_catalogue, read_rule

GOOD: dict[str, Any] = {
    "id": "no-such-thing",
    "summary": "Say it once.",
    "why": "Twice is too often.",
    "query": '(binary_expression left: (_) @value operator: "==" right: (identifier) @name (#eq? @name "x")) @target',
    "message": "`@{value}` again.",
    "fix": "@{value}",
    "applicability": "unsafe",
    "safety": "It may have been meant.",
    "valid": ["a"],
    "invalid": ["a == x"],
}


@pytest.fixture
def rule_file(tmp_path: Path) -> Path:
    (tmp_path / "style").mkdir()
    return tmp_path / "style" / "no-such-thing.yaml"


def read(path: Path, **changes: Any) -> dict[str, Any]:
    path.write_text(yaml.safe_dump({**GOOD, **changes}))
    return read_rule(path)


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in GOOD.items() if name != key}


def test_a_good_rule_is_read_with_its_category_and_patterns(rule_file: Path) -> None:
    rule = read(rule_file, recommended=["javascript"])
    assert (rule["category"], rule["patterns"], rule["recommended_for"]) == ("style", 1, ["javascript"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sumary": "x"}, "unknown key `sumary`. Did you mean `summary`?"),
        ({"summary": 3}, "`summary` has the wrong type (int)"),
        ({"valid": []}, "`valid` is missing or empty"),
        ({"id": "another"}, "the file is called `no-such-thing`"),
        ({"languages": ["coffee"]}, "`languages`: `coffee` is none of"),
        ({"recommended": ["coffee"]}, "`recommended`: `coffee` is none of"),
        ({"severity": "fatal"}, "`severity` is error, warning or info"),
        ({"applicability": "perhaps"}, "`applicability` is safe, unsafe or display"),
        ({"safety": ""}, "says in `safety` why"),
        ({"message": "`@{nobody}`"}, "`message`: no capture of the query is called `@nobody`"),
        ({"fix": "@{nobody}"}, "`fix`: no capture of the query is called `@nobody`"),
        ({"query": "(identifier) @other"}, "captures no `@target`"),
        ({"query": "(no_such_node) @target"}, "the javascript grammar rejects it"),
        ({"query": '((identifier) @target (#eqq? @target "x"))'}, "unknown predicate `#eqq?`. Did you mean `eq?`?"),
        ({"query": '((identifier) @target (#not-any-eq? @target "x"))'}, "unknown predicate `#not-any-eq?`"),
        ({"check": "statements.no_debugger"}, "either a `query`, a `check` or a `repair`"),
        ({"options": {"deep": 3}}, "`deep` needs a `default` and a `summary`"),
    ],
)
def test_a_wrong_rule_names_the_file_and_the_key(rule_file: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(RuleError) as error:
        read(rule_file, **changes)
    assert message in str(error.value)
    assert str(rule_file) in str(error.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"nodes": []}, "names the node kinds it looks at"),
        ({"nodes": ["debuger_statement"]}, "no grammar has `debuger_statement`. Did you mean `debugger_statement`?"),
        ({"check": "statements.no_such_function"}, "`check`: module"),
        ({"check": "nowhere.at_all"}, "`check`: No module named"),
        ({"needs": {"program": ["x"]}}, "`needs`: `program` is none of `nodes`"),
        ({"needs": []}, "is a list of texts"),
    ],
)
def test_a_wrong_check_names_the_file_and_the_key(rule_file: Path, changes: dict[str, Any], message: str) -> None:
    rule = {**without("query"), "nodes": ["debugger_statement"], "check": "statements.no_debugger", "message": "m"}
    del rule["fix"]
    rule_file.write_text(yaml.safe_dump({**rule, **changes}))
    with pytest.raises(RuleError) as error:
        read_rule(rule_file)
    assert message in str(error.value)


@pytest.mark.parametrize("text", ["a: [", "- a\n- b\n", "just a word"])
def test_what_is_no_mapping_is_no_rule(rule_file: Path, text: str) -> None:
    rule_file.write_text(text)
    with pytest.raises(RuleError, match=r"not valid YAML|a rule is a mapping"):
        read_rule(rule_file)


def test_a_catalogue_is_two_files_and_its_version_follows_the_rules(rule_file: Path, tmp_path: Path) -> None:
    catalogue, cases = tmp_path / "catalogue.json", tmp_path / "cases.json"
    versions = []
    for summary in ("Say it once.", "Say it once only.", "Say it once."):
        rule_file.write_text(yaml.safe_dump({**GOOD, "summary": summary}))
        compile_catalogue(str(tmp_path), str(catalogue), str(cases))
        versions.append(json.loads(catalogue.read_text())["version"])
    assert versions[0] == versions[2] != versions[1]
    assert json.loads(cases.read_text()) == {"no-such-thing": {"valid": ["a"], "invalid": ["a == x"]}}
    assert [rule["id"] for rule in json.loads(catalogue.read_text())["rules"]] == ["no-such-thing"]
