from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thea_hook.core.patch import apply_edits
from thea_hook.core.source import Language, SourceFile
from thea_hook.lab.chaos.declarations import bare_lets
from thea_hook.lab.chaos.engine import REACH, Corruption, broken, corrupt
from thea_hook.lab.chaos.kinds import KINDS, MIXTURE, Kind, mixture, only
from thea_hook.lab.chaos.places import Places
from thea_hook.lab.corpus.store import Document
from thea_hook.languages.lexemes import lex
from thea_hook.languages.oracle import Answer, Verdict, judge

JAVASCRIPT = rb"""#!/usr/bin/env node
'use strict'
/* Reads a list of ships and prints those that are late. */
const { readFile } = require('fs');

// The harbour closes at six.
const CLOSING = 18

let count = 0
let late = []

function isLate(ship, now = Date.now()) {
  if (ship.due == null || ship.due >= now) {
    return false;
  } else if (ship.name.match(/^(HMS|SS)\/\d+$/)) {
    return ship.due + 3600 < now;
  }
  return !ship.excused && ship.due < now
}

for (let i = 0; i < 10; i++) { count += i; }

async function main(paths) {
  try {
    for (const path of paths) {
      const ships = JSON.parse(await readFile(path, 'utf8'));
      late.push(...ships.filter((ship) => isLate(ship)));
      console.log(`${path}: ${ships.length} ships, ${late?.length ?? 0} late`);
    }
  } catch (error) {
    console.error("can't read it", error.message, 'don\'t know why');
  }
}

main(process.argv.slice(2)).then(() => {
  process.exit(late.length > 0 ? 1 : 0);
});
"""

TYPESCRIPT = """import type { Clock } from './clock'
import { Tide, type Level } from "./tide";

/**
 * How deep the water is — at any time.
 */
export interface Gauge<T extends Level = Level> {
  readonly name: string;
  read(at: Date): Promise<T | undefined>;
}

export abstract class Station implements Gauge {
  private levels: Record<string, number[]> = { north: [1, 2, 3], south: [4, 5] };

  constructor(public readonly name: string, protected clock: Clock) {}

  async read(at: Date): Promise<Level | undefined> {
    const tide = new Tide({ at, name: this.name, depth: this.levels[this.name]?.[0] ?? 0 });
    switch (tide.kind) {
      case 'low':
        return tide.level as Level;
      default:
        break;
    }
    return undefined;
  }
}

export type Reading = { at: Date; level: number } | null;

export const enum Season { Spring = 'spring', Neap = 'neap' }
""".encode()

TSX = rb"""import React, { useState } from 'react';

type Props = { title: string; ships: string[]; onPick?: (ship: string) => void };

export default function Harbour({ title, ships, onPick }: Props) {
  const [open, setOpen] = useState<boolean>(false);

  return (
    <section className="harbour">
      <h1>It is {title}</h1>
      <img src="/map.png" alt="map" />
      <>
        {ships.map((ship) => (
          <Item key={ship} onClick={() => onPick?.(ship)}>
            {ship}
          </Item>
        ))}
      </>
      <button type="button" onClick={() => setOpen(!open)}>Show all</button>
    </section>
  );
}
"""

TIDES = rb"""let highest;
let lowest = null

const LEVELS = {
  'spring-tide': 5,
  neap: 2,
};

export function describe(tide) {
  if ((tide.level > LEVELS.neap) && (tide.level < 9)) {
    highest = 'level ' + tide.level + " m";
  }
  if (tide.level === 0) {
    return { highest, lowest };
  }
  const reset = () => {
    lowest = undefined
  };
  return reset;
}
"""

FIXTURES: dict[str, Document] = {
    name: Document("harbour/ships", name, language, text)
    for name, language, text in (
        ("late.js", "javascript", JAVASCRIPT),
        ("late-windows.js", "javascript", JAVASCRIPT.replace(b"\n", b"\r\n")),
        ("station.ts", "typescript", TYPESCRIPT),
        ("harbour.tsx", "tsx", TSX),
        ("tides.js", "javascript", TIDES),
        ("no-last-line-feed.js", "javascript", b"const ships = [1, 2].map((n) => { return n; });"),
    )
}
PLACES = {name: Places(lex(document.text, document.language)) for name, document in FIXTURES.items()}


def undone(corruption: Corruption) -> bytes:
    return apply_edits(corruption.text, corruption.repairs)


def attempts(name: str, kind: str, count: int = 40) -> list[Corruption]:
    chance = random.Random(kind + name)
    found = [corrupt(PLACES[name], chance, kinds=only(kind)) for _ in range(count)]
    return [corruption for corruption in found if corruption is not None]


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
def test_the_repairs_of_every_kind_give_the_original_back(kind: str) -> None:
    made = [(name, corruption) for name in FIXTURES for corruption in attempts(name, kind, 20)]
    assert made
    for name, corruption in made:
        assert undone(corruption) == FIXTURES[name].text
        assert corruption.text != FIXTURES[name].text
        assert corruption.kinds == (kind,)


@given(st.sampled_from(sorted(FIXTURES)), st.integers(1, 5), st.integers(0, 2**32))
@settings(max_examples=300, deadline=None)
def test_repairs_of_several_mistakes_give_the_original_back(name: str, edits: int, seed: int) -> None:
    corruption = corrupt(PLACES[name], random.Random(seed), edits=edits)
    if corruption is not None:
        assert undone(corruption) == FIXTURES[name].text
        assert len(corruption.kinds) == edits
        assert list(corruption.repairs) == sorted(corruption.repairs, key=lambda edit: edit.span)
        for first, second in zip(corruption.repairs, corruption.repairs[1:], strict=False):
            assert first.span.end <= second.span.start


@given(st.binary(max_size=60), st.integers(0, 2**32))
@settings(max_examples=200, deadline=None)
def test_any_bytes_can_be_broken(text: bytes, seed: int) -> None:
    corruption = corrupt(lex(text), random.Random(seed), edits=2)
    assert corruption is None or undone(corruption) == text


def test_an_empty_text_cannot_be_broken() -> None:
    assert corrupt(lex(b""), random.Random(0)) is None


@pytest.mark.parametrize("edits", [1, 4])
def test_a_seed_gives_the_same_mistakes_again(edits: int) -> None:
    runs = [
        [corrupt(lex(TYPESCRIPT, "typescript"), random.Random(seed), edits=edits) for seed in range(40)]
        for _ in range(2)
    ]
    assert runs[0] == runs[1]
    assert len(set(runs[0])) > 20


def test_repairs_write_back_only_what_changed() -> None:
    for corruption in attempts("late.js", "misspelt keyword"):
        (repair,) = corruption.repairs
        assert len(repair.text) <= 10
        assert repair.text != corruption.text[repair.span.start : repair.span.end]
        if repair.text and repair.span.start < repair.span.end:
            assert repair.text[0] != corruption.text[repair.span.start]


def test_mistakes_stay_near_each_other_and_near_the_place_asked_for() -> None:
    text = b"".join(b"const ship%d = harbour(%d, [late, 'so']);\n" % (n, n) for n in range(400))
    places = Places(lex(text))
    middle = len(places) // 2
    for seed in range(60):
        corruption = corrupt(places, random.Random(seed), edits=5, place=middle)
        assert corruption is not None
        lines = [corruption.text.count(b"\n", 0, repair.span.start) for repair in corruption.repairs]
        assert max(lines) - min(lines) <= 3 * REACH
        assert all(200 - REACH - 1 <= line <= 200 + 2 * REACH for line in lines)
        anywhere = corrupt(places, random.Random(seed), edits=5)
        assert anywhere is not None


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_places_are_in_order_and_each_is_there_once(kind: Kind) -> None:
    nested = Places(lex(b"sort(f(ships[at(i)]), (a = (b) => c(d) < 2) => { return [a, { b }]; });\n", "javascript"))
    for places in (*PLACES.values(), nested):
        found = list(kind.where(places))
        assert found == sorted(set(found))


# ------------------------------------------------------------------ what the kinds do


def texts(name: str, kind: str) -> list[bytes]:
    return [corruption.text for corruption in attempts(name, kind, 120)]


@pytest.mark.parametrize(
    ("name", "kind", "written"),
    [
        ("late.js", "missing closing group", b"  process.exit(late.length > 0 ? 1 : 0);\n"),
        ("late.js", "missing parentheses", b"for const path of paths {"),
        ("late.js", "extra closing line", b"\n});\n"),
        ("late.js", "split operator", b"= >"),
        ("late.js", "foreign keyword", b"elif"),
        ("late.js", "uncommented line", b"\nThe harbour closes at six.\n"),
        ("late.js", "unopened comment", b"\n Reads a list"),
        ("late.js", "unclosed string", b"'utf8)"),
        ("late.js", "mismatched quotes", b"'utf8\""),
        ("late.js", "unescaped quote", b"'don't know why'"),
        ("late.js", "typographic quotes", "‘utf8’".encode()),
        ("late.js", "unclosed template", b"late);"),
        ("late.js", "damaged regular expression", rb"/^(HMS|SS)/\d+$/"),
        ("late.js", "joined lines", b"let count = 0 let late"),
        ("late.js", "conflict", b"\n=======\n"),
        ("late-windows.js", "conflict", b"\r\n=======\r\n"),
        ("late.js", "half-typed statement", b"if ("),
        ("late.js", "stray command", b"git"),
        ("station.ts", "equals sign for colon", b"south = ["),
        ("station.ts", "semicolon for comma", b"at;"),
        ("late.js", "colon for equals sign", b"const CLOSING: 18"),
        ("station.ts", "equals sign for colon", b"at, name = this.name, depth = this"),
        ("late.js", "missing async", b"\nfunction main(paths) {"),
        ("late.js", "mistaken keyword", b"\nif (let i = 0;"),
        ("late.js", "joined words", b"} elseif ("),
        ("late.js", "doubled line", b"  }\n}\n  }\n}\n"),
        ("late.js", "missing closing line", b"'utf8'));\n      late"),
        ("late.js", "missing closing line", b"? 1 : 0);\n)"),
        ("late.js", "missing closing line", b"? 1 : 0);\n}\n"),
        ("late.js", "missing opening brace", b"for (const path of paths) \n"),
        ("tides.js", "missing braces", b"const reset = () => \n    lowest = undefined\n  ;"),
        ("late.js", "extra brace", b"ship.due < now {"),
        ("tides.js", "condition closed early", b"if (tide.level > LEVELS.neap) && (tide.level < 9) {"),
        ("tides.js", "condition closed early", b"if (tide.level > LEVELS.neap) && (tide.level < 9)) {"),
        ("tides.js", "condition closed early", b"if (tide.level) === 0 {"),
        ("tides.js", "missing parameters", b"const reset =  => {"),
        ("tides.js", "missing parameters", b"const reset = ( => {"),
        ("late.js", "wrong pair of brackets", b"late.push[...ships.filter((ship) => isLate(ship))];"),
        ("tides.js", "missing comma at line end", b"5\n  neap: 2,"),
        ("station.ts", "missing comma", b"2 3]"),
        ("tides.js", "missing plus", b"'level ' tide.level"),
        ("tides.js", "dot for plus", b"'level ' . tide.level . "),
        ("late.js", "wrong operator", b" =. "),
        ("tides.js", "colon for equals sign", b"highest: 'level '"),
        ("tides.js", "semicolon in a list", b"neap: 2;,"),
        ("station.ts", "comma between statements", b"?? 0 }),\n    switch"),
        ("late.js", "doubled bracket at line end", b"'utf8')));"),
        ("tides.js", "const without a value", b"const highest;"),
        ("tides.js", "second beginning", b"return return"),
        ("tides.js", "function with an arrow", b"= function () => {"),
        ("tides.js", "doubled word", b"neap: neap: 2"),
        ("tides.js", "unquoted key", b"\n  spring-tide: 5"),
        ("late.js", "unclosed string", b"'don\\'t know why\n"),
        ("late.js", "uncommented line", b"\n# The harbour"),
        ("harbour.tsx", "extra mark behind a tag", b'alt="map" />}'),
        ("harbour.tsx", "unbraced expression", b"key=ship "),
        ("harbour.tsx", "missing fragment", b'alt="map" />\n        {ships'),
        ("harbour.tsx", "unclosed element", b"Show all\n"),
        ("harbour.tsx", "misspelt closing tag", b"</Button>"),
        ("harbour.tsx", "damaged closing tag", b"<section>\n  );"),
        ("harbour.tsx", "extra closing tag", b"</section>\n    </section>"),
        ("harbour.tsx", "unclosed tag", b'alt="map" >'),
        ("harbour.tsx", "unfinished opening tag", b"<h1It"),
    ],
)
def test_a_kind_makes_its_mistake(name: str, kind: str, written: bytes) -> None:
    assert any(written in text for text in texts(name, kind))


def test_a_bracket_alone_on_its_line_goes_in_several_layouts() -> None:
    source = b"function f() {\n  g();\n}\nh();\n"
    places, chance = Places(lex(source)), random.Random(3)
    made = {
        corruption.text
        for _ in range(200)
        if (corruption := corrupt(places, chance, kinds=only("missing closing bracket")))
    }
    assert {b"function f() {\n  g();\nh();\n", b"function f() {\n  g();\n\nh();\n"} <= made


def test_a_blank_goes_with_its_token_only_where_nothing_runs_together() -> None:
    places, chance = Places(lex(b"call(a, b);")), random.Random(3)
    made = {corruption.text for _ in range(60) if (corruption := corrupt(places, chance, kinds=only("missing comma")))}
    assert made == {b"call(a b);"}


def test_a_text_loses_its_last_lines_with_or_without_a_line_feed() -> None:
    assert set(texts("tides.js", "lost end")) == {
        TIDES.removesuffix(b"}\n"),
        TIDES.removesuffix(b"\n}\n"),
    }


def test_only_a_declaration_without_a_value_loses_its_let() -> None:
    source = b"let a;\nlet b: Map<K, V>\nlet c = 1;\nfor (let d of e) {}\nlet f, g;\nx.let;\n"
    places = Places(lex(source, "typescript"))
    assert [source[places.ends[index] + 1 :][:1] for index in bare_lets(places)] == [b"a", b"b", b"f"]


def test_a_conflict_is_resolved_to_either_side() -> None:
    kept = set()
    for corruption in attempts("late.js", "conflict"):
        positions = [corruption.text.index(mark) for mark in (b"<<<<<<< ", b"=======\n", b">>>>>>> ")]
        assert positions == sorted(positions)
        last = corruption.repairs[-1].span
        kept.add("ours" if last.start <= positions[1] else "theirs")
    assert kept == {"ours", "theirs"}


# ------------------------------------------------------------------ the mixture


def test_the_shares_of_the_table_are_percent_and_none_is_too_small() -> None:
    assert sum(kind.share for kind in KINDS) == pytest.approx(100)
    assert min(kind.share for kind in KINDS) >= 0.5
    assert sum(kind.share for kind in KINDS if "conflict" in kind.name) <= 6
    assert len({kind.name for kind in KINDS}) == len(KINDS)


def test_a_mixture_takes_other_shares() -> None:
    none = mixture(conflict=0, conflict_marker=0)
    drawn = [corrupt(PLACES["late.js"], random.Random(seed), kinds=none) for seed in range(300)]
    assert not [c for c in drawn if c is not None and "conflict" in c.kinds[0]]
    assert mixture() == MIXTURE


def test_a_mixture_refuses_an_unknown_kind() -> None:
    with pytest.raises(ValueError, match="no such kind of mistake: confict"):
        mixture(confict=3)


# ------------------------------------------------------------------ only what is broken


def crying_wolf(files: Sequence[SourceFile]) -> list[Verdict]:
    """Says of every other text that it is broken."""
    return [Verdict(Answer.BROKEN if index % 2 else Answer.PARSES, (), "oxlint") for index in range(len(files))]


@pytest.mark.parametrize("edits", [1, 3])
def test_only_what_the_judge_calls_broken_is_kept(edits: int) -> None:
    found = list(broken(FIXTURES.values(), random.Random(1), judge, per_document=4, edits=edits))
    assert len(found) > len(FIXTURES)
    for document, corruption, verdict in found:
        assert verdict.answer is Answer.BROKEN
        assert verdict == judge([SourceFile(document.path, corruption.text, document.language)])[0]
        assert undone(corruption) == document.text
        assert len(corruption.kinds) == edits


def test_each_mistake_of_several_breaks_the_text_alone() -> None:
    seen: list[bytes] = []

    def remembering(files: Sequence[SourceFile]) -> list[Verdict]:
        verdicts = crying_wolf(files)
        seen.extend(file.text for file, verdict in zip(files, verdicts, strict=True) if verdict.answer is Answer.BROKEN)
        return verdicts

    document = FIXTURES["late.js"]
    for _, corruption, _ in broken([document], random.Random(1), remembering, per_document=9, edits=2):
        for number in range(2):
            others = [repair for repair in corruption.repairs if repair is not corruption.repairs[number]]
            if len(corruption.repairs) == 2:
                assert apply_edits(corruption.text, others) in seen


LANGUAGES: tuple[Language, ...] = ("javascript", "typescript", "tsx")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_fixtures_parse(language: Language) -> None:
    documents = [document for document in FIXTURES.values() if document.language == language]
    assert [verdict.answer for verdict in judge([document.source for document in documents])] == [
        Answer.PARSES for _ in documents
    ]
