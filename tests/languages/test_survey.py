"""One walk over a tree for everything that is derived from it."""

from __future__ import annotations

from thea_hook.core.source import SourceFile
from thea_hook.languages.grammars import KIND, Module, survey_source

CODE = b"// one\nfor (const a of /b/.c) { return a; }\n/* two */ type T<U> = U; let d: T<string> = e;\n"


def module() -> Module:
    return Module(SourceFile("a.ts", CODE, "typescript"))


def test_a_survey_captures_the_kinds_asked_for() -> None:
    captured = module().survey(survey_source("typescript", ["type_alias_declaration"]))
    assert [node.text for node in captured[f"{KIND}type_alias_declaration"]] == [b"type T<U> = U;"]


def test_nodes_and_comments_are_the_same_with_and_without_a_survey() -> None:
    plain, surveyed = module(), module()
    surveyed.survey(survey_source("typescript", ["program"]))
    for kinds in (("regex",), ("comment", "return_statement"), ("identifier",)):
        expected = [(node.type, node.start_byte) for node in plain.nodes(*kinds)]
        assert expected
        assert [(node.type, node.start_byte) for node in surveyed.nodes(*kinds)] == expected
    assert [comment.text for comment in surveyed.comments] == [b"// one", b"/* two */"]


def test_scopes_are_the_same_with_and_without_a_survey() -> None:
    plain, surveyed = module(), module()
    surveyed.survey(survey_source("typescript", ["program"]))
    names = [(variable.name, len(variable.references)) for variable in plain.scopes.variables]
    assert ("d", 1) in names
    assert [(variable.name, len(variable.references)) for variable in surveyed.scopes.variables] == names
