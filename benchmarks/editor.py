#!/usr/bin/env python3
"""Milliseconds from a key to the diagnostics, through a real client over standard input and output.

    editor.py [--file PATH] [--lines N] [--edits N] [--out FILE.json]

Opens a TypeScript file (by default one of 2,000 lines that is made here), and types in it: an edit somewhere in the
file, wait for the diagnostics of that version, next edit. The clock runs from before the client writes the change until
it has read the diagnostics, so the server's pause after a key (20 ms) is part of every figure. Three kinds of edits: in
code that parses and goes on to; one that leaves a finding; and one after which the file does not parse, where the first
answer is the rules' and the models' follows when nobody has typed for 300 ms. ``fix all`` is from asking to the edits.

The server, its process for checks and this client run at once: on a busy machine the figures are the machine's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from lsprotocol import types
from pygls.lsp.client import LanguageClient

ROOT = Path(__file__).parents[1]
WARM_UP = 5

CLASS = """
export interface Item{n} {{ id: number; name: string; tags: string[] }}

export class Store{n}<T extends Item{n}> {{
  private readonly items = new Map<number, T>();

  constructor(private readonly limit: number = {n}) {{}}

  add(item: T): boolean {{
    if (this.items.size >= this.limit) {{
      return false;
    }}
    this.items.set(item.id, item);
    return true;
  }}

  find(predicate: (item: T) => boolean): T | undefined {{
    for (const item of this.items.values()) {{
      if (predicate(item)) return item;
    }}
    return undefined;
  }}

  async load(url: string): Promise<void> {{
    const answer = await fetch(`${{url}}/items?limit=${{this.limit}}`);
    const rows = (await answer.json()) as T[];
    rows.filter((row) => row.name !== "").forEach((row) => this.add(row));
  }}
}}
"""


def made(lines: int) -> str:
    """A file of about so many lines of ordinary code."""
    one = CLASS.count("\n")
    return "".join(CLASS.format(n=number) for number in range(lines // one + 1))


class Editor:
    """One document in a server, and the clock."""

    def __init__(self, path: Path, text: str) -> None:
        self.uri = path.as_uri()
        self.lines = text.split("\n")
        self.version = 0
        self.findings = 0
        self._client = LanguageClient("benchmark", "1")
        self._answers: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()
        self._client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(lambda params: self._answers.put_nowait(params))

    async def start(self) -> float:
        """Start a server, open the document, and return the seconds until its first diagnostics."""
        began = time.perf_counter()
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
        await self._client.start_io(sys.executable, "-m", "thea_hook", "server", env=environment)
        versions = types.WorkspaceEditClientCapabilities(document_changes=True)
        resolving = types.ClientCodeActionResolveOptions(properties=["edit"])
        capabilities = types.ClientCapabilities(
            workspace=types.WorkspaceClientCapabilities(workspace_edit=versions),
            text_document=types.TextDocumentClientCapabilities(
                code_action=types.CodeActionClientCapabilities(resolve_support=resolving)
            ),
        )
        await self._client.initialize_async(types.InitializeParams(capabilities=capabilities))
        self._client.initialized(types.InitializedParams())
        document = types.TextDocumentItem(self.uri, "typescript", self.version, "\n".join(self.lines))
        self._client.text_document_did_open(types.DidOpenTextDocumentParams(document))
        await self._answer()
        return time.perf_counter() - began

    async def stop(self) -> None:
        await self._client.shutdown_async(None)
        self._client.exit(None)
        stop: Callable[[], Awaitable[None]] = self._client.stop
        await stop()

    async def key(self, line: int, column: int, length: int, text: str, answers: int = 1) -> float:
        """Replace some characters of a line, and return the seconds until the diagnostics of the new version, or until
        they have come so many times."""
        self.version += 1
        where = types.Range(types.Position(line, column), types.Position(line, column + length))
        began = time.perf_counter()
        self._client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(uri=self.uri, version=self.version),
                [types.TextDocumentContentChangePartial(where, text)],
            )
        )
        for _ in range(answers):
            await self._answer()
        return time.perf_counter() - began

    async def _answer(self) -> None:
        while (answer := await self._answers.get()).version != self.version:
            pass
        self.findings = len(answer.diagnostics)

    async def fix_all(self) -> float:
        """The seconds until the editor has the edits of all safe fixes."""
        document = types.TextDocumentIdentifier(self.uri)
        start = types.Position(0, 0)
        context = types.CodeActionContext([], only=["source.fixAll"])
        params = types.CodeActionParams(document, types.Range(start, start), context)
        began = time.perf_counter()
        found = await self._client.text_document_code_action_async(params)
        assert found
        assert isinstance(found[0], types.CodeAction)
        action = await self._client.code_action_resolve_async(found[0])
        assert action.edit is not None
        return time.perf_counter() - began


async def measure(path: Path, text: str, edits: int, chance: random.Random) -> dict[str, list[float]]:
    """Kind of edit -> seconds of each."""
    editor = Editor(path, text)
    seconds: dict[str, list[float]] = {"start and first answer": [await editor.start()]}
    kinds = {
        "a key in code that parses": " ",
        "a key that leaves a finding": ";",
        "a key after which nothing parses": ")",
    }
    for kind, key in kinds.items():
        taken = seconds.setdefault(kind, [])
        for _ in range(WARM_UP + edits):
            line = chance.choice([number for number, line in enumerate(editor.lines) if line.endswith(";")])
            column = len(editor.lines[line])
            taken.append(await editor.key(line, column, 0, key))
            if key == ";" and not editor.findings:
                raise SystemExit("the finding is missing")
            await editor.key(line, column, 1, "")
        del taken[:WARM_UP]
    models = seconds["the models after it"] = []
    for _ in range(1 + max(1, edits // 10)):
        line = chance.choice([number for number, line in enumerate(editor.lines) if line.endswith(";")])
        models.append(await editor.key(line, len(editor.lines[line]), 0, ")", answers=2))
        await editor.key(line, len(editor.lines[line]), 1, "")
    del models[:1]
    await editor.key(0, 0, 0, ";")
    seconds["fix all"] = [await editor.fix_all() for _ in range(WARM_UP + edits)][WARM_UP:]
    await editor.stop()
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--lines", type=int, default=2_000)
    parser.add_argument("--edits", type=int, default=100)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    text = made(args.lines) if args.file is None else args.file.read_text("utf-8")
    path = Path.cwd() / "benchmark.ts" if args.file is None else args.file.resolve()
    seconds = asyncio.run(measure(path, text, args.edits, random.Random(1)))
    print(f"{text.count(chr(10)):,} lines, {len(text):,} characters; milliseconds")
    figures = {}
    for kind, taken in seconds.items():
        ordered = sorted(round(1e3 * value, 1) for value in taken)
        figures[kind] = {"median": statistics.median(ordered), "p95": ordered[int(0.95 * (len(ordered) - 1))]}
        print(f"{kind:34} median {figures[kind]['median']:7.1f}   95 % {figures[kind]['p95']:7.1f}   of {len(ordered)}")
    if args.out is not None:
        args.out.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
