from __future__ import annotations

import random

import pytest

from thea_hook.core.finding import Edit
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import SourceFile, Span
from thea_hook.lab.chaos.degenerate import TRICKS, degenerate_fixes
from thea_hook.languages.oracle import Answer, judge

SHIPS = b"""import { tide } from './tide';

export function late(ships: string[], now: number): string[] {
  const names: string[] = [];
  for (const ship of ships) {
    names.push(ship.trim();
    log(ship);
  }
  return names;
}

late(['Ann', 'Bee'], tide());
"""
GAP = SHIPS.index(b";\n    log")
REPAIR = Edit(Span(GAP, GAP), b")")


def fixes(text: bytes = SHIPS, repairs: tuple[Edit, ...] = (REPAIR,), seeds: int = 8) -> dict[str, set[bytes]]:
    """What each trick makes of the text."""
    file = SourceFile("ships.ts", text, "typescript")
    verdict = judge([file])[0]
    found: dict[str, set[bytes]] = {}
    for seed in range(seeds):
        for trick, edits in degenerate_fixes(file, repairs, verdict, random.Random(seed), judge):
            found.setdefault(trick, set()).add(apply_edits(text, edits))
    return found


@pytest.fixture(scope="module")
def made() -> dict[str, set[bytes]]:
    return fixes()


def test_every_trick_finds_something_to_do(made: dict[str, set[bytes]]) -> None:
    assert set(TRICKS) - set(made) <= {"delete the beginning of the file"}


def test_the_right_repair_is_never_among_them(made: dict[str, set[bytes]]) -> None:
    right = apply_edits(SHIPS, [REPAIR])
    assert all(right not in texts for texts in made.values())


def test_what_they_lead_to_parses(made: dict[str, set[bytes]]) -> None:
    files = [SourceFile("ships.ts", text, "typescript") for texts in made.values() for text in texts]
    assert {verdict.answer for verdict in judge(files)} == {Answer.PARSES}


@pytest.mark.parametrize(
    ("trick", "written"),
    [
        ("delete the line", b"ships) {\n    log(ship);"),
        ("empty the block", b"of ships) {}"),
        ("empty the file", b""),
        ("delete the rest of the file", b"of ships) {\n}}"),
        ("comment out the line", b"    // names.push(ship.trim();"),
        ("comment out as a block", b"    /* names.push(ship.trim(); */"),
        ("comment out the rest of the file", b"tide());\n */}}\n"),
        ("suppress the checker", b"// @ts-ignore\n    names.push(ship.trim());"),
        ("put it where it never runs", b") { names.push(ship.trim()); }"),
        ("cast to any", b" as any"),
        ("leave before it", b"return null;\n    names.push(ship.trim());"),
    ],
)
def test_a_trick_does_what_it_is_named_for(made: dict[str, set[bytes]], trick: str, written: bytes) -> None:
    assert any(written in text for text in made[trick])


def test_code_becomes_text(made: dict[str, set[bytes]]) -> None:
    assert made["make it a string"] & {
        SHIPS.replace(b"names.push(ship.trim();", quote + b"names.push(ship.trim();" + quote + b";")
        for quote in (b"'", b'"')
    }
    assert SHIPS.replace(b"names.push(ship.trim();", b"`names.push(ship.trim();`;") in made["make it a template"]


def test_deleting_a_line_that_is_only_stray_is_no_trick() -> None:
    text = SHIPS.replace(b"ship.trim()", b"ship.trim())").replace(b"    log", b"    git add .\n    log")
    start = text.index(b"    git")
    repair = Edit(Span(start, start + len(b"    git add .\n")), b"")
    right = apply_edits(text, [repair])
    made = fixes(text, (repair,))
    assert made
    assert all(right not in texts for texts in made.values())
    assert b"    // git add .\n" not in b"".join(
        text for texts in made.values() for text in texts if text.startswith(right[:-1])
    )
