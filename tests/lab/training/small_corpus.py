"""A corpus small enough to train on in a test."""

from __future__ import annotations

from thea_hook.lab.corpus.store import Document, Split

_JAVASCRIPT = """import {{ read }} from './{name}.js';

export function {name}(path, options) {{
  const lines = read(path).split('\\n');
  for (const line of lines) {{
    if (line.startsWith('{name}')) {{
      options.found(line.slice({number}), [path, line]);
    }}
  }}
  return lines.filter((line) => line.length > {number}).map((line) => ({{ text: line, path }}));
}}
"""
_TYPESCRIPT = """export interface {name}Options {{
  path: string;
  limit?: number;
}}

export class {name} {{
  private seen: Map<string, number> = new Map();

  constructor(private readonly options: {name}Options) {{}}

  add(key: string, value: number): this {{
    const before = this.seen.get(key) ?? {number};
    this.seen.set(key, Math.max(before, value));
    return this;
  }}
}}
"""
NAMES = "harbour lantern meadow orchard pebble quarry river saddle timber valley willow yarrow".split()


def documents(split: Split) -> list[Document]:
    """A dozen files of six repositories."""
    found = []
    for number, name in enumerate(NAMES):
        template, ending, language = ((_JAVASCRIPT, "js", "javascript"), (_TYPESCRIPT, "ts", "typescript"))[number % 2]
        text = template.format(name=name, number=number).encode() * 3
        found.append(Document(f"{split}/{number // 2}", f"{name}.{ending}", language, text))  # type: ignore[arg-type]
    return found


BREAKAGES = (
    (b"export const a = [1, 2;\n", b"export const a = [1, 2];\n"),
    (b"if (ready) {\n  start();\n\nstop();\n", b"if (ready) {\n  start();\n}\n\nstop();\n"),
    (b"start(1 2);\n", b"start(1, 2);\n"),
)
"""Versions that do not parse, and the next."""
