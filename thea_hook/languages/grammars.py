"""Tree-sitter grammars, and one parsed file with what is derived from its tree."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from operator import attrgetter
from time import process_time
from typing import TYPE_CHECKING, Any, Literal

import tree_sitter
from tree_sitter import Node, Parser, Query, QueryCursor, Tree

from thea_hook.core.source import Language, SourceFile, Span
from thea_hook.errors import ParseTimeout

if TYPE_CHECKING:
    from thea_hook.languages.controlflow import ControlFlow
    from thea_hook.languages.scope import ScopeManager

ModuleKind = Literal["module", "script", "commonjs"]

PARSE_SECONDS = 1.0
"""A file of the largest size that is checked takes a fifth of this."""

# A tree of fewer nodes is never too deep; above, both the mean depth and the sum of all depths decide.
_SMALL_TREE, _DEPTH_SAMPLES, _DEEP_MEAN, _DEEP_TOTAL = 2_000, 16, 200, 2_000_000

KIND = "kind."
"""What the names of captures that stand for a kind of node begin with."""

DEAD_ENDS = (
    "return_statement",
    "throw_statement",
    "break_statement",
    "continue_statement",
    "while_statement",
    "do_statement",
    "for_statement",
)
"""The statements after which execution may never go on."""

# What more than one rule asks a whole tree for: the regular expressions, the comments, and where dead code can begin.
_SURVEYED = frozenset({"comment", "regex", *DEAD_ENDS})

CASES = frozenset({"switch_case", "switch_default"})
STATEMENT_LISTS = CASES | {"program", "statement_block"}
# An error stays inside one of the children of these.
_CONTAINERS = STATEMENT_LISTS | {"class_body"}


@cache
def grammar(language: Language) -> tree_sitter.Language:
    """The grammar, loaded on first use: a run over .js files never loads TypeScript's."""
    if language == "javascript":
        return tree_sitter.Language(_binding("tree_sitter_javascript").language())
    binding = _binding("tree_sitter_typescript")
    return tree_sitter.Language(binding.language_tsx() if language == "tsx" else binding.language_typescript())


def _binding(package: str) -> Any:
    """The compiled module of a grammar's package, without the package around it.

    The package's own ``__init__`` imports importlib.resources for queries that are not used here, and with it twenty
    modules: as long as parsing ten files. Where the layout is another one, it is imported the ordinary way.
    """
    name = f"{package}._binding"
    found = PathFinder.find_spec(package)
    spec = None if found is None else PathFinder.find_spec(name, found.submodule_search_locations)
    if spec is None or spec.loader is None:
        return import_module(package)
    module = sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def _parser(language: Language) -> Parser:
    return Parser(grammar(language))


@cache
def query(language: Language, source: str) -> Query:
    """A compiled query; compiling costs 0.1 to 6 ms, so each is compiled once a process."""
    compiled: Query = Query(grammar(language), source)
    return compiled


def kinds_query(kinds: Iterable[str]) -> str:
    """A query that captures the nodes of each kind under ``KIND`` and its name."""
    return "\n".join(f"({kind}) @{KIND}{kind}" for kind in kinds)


def survey_source(language: Language, kinds: Iterable[str]) -> str:
    """The query for these kinds of nodes and for what ``Module`` derives from a tree."""
    from thea_hook.languages.scope_queries import SCOPE_QUERIES

    return "\n".join((SCOPE_QUERIES[language], kinds_query({**dict.fromkeys(kinds), **dict.fromkeys(_SURVEYED)})))


def parse(text: bytes, language: Language) -> Tree:
    """The tree of any bytes: what tree-sitter cannot read becomes ERROR and MISSING nodes.

    Raises ParseTimeout where that takes more than ``PARSE_SECONDS`` of CPU: a few hundred broken bytes can keep the
    error recovery busy for minutes. Only the parse of a callback can be stopped; parsing the bytes once more over its
    tree takes a tenth of the time, and gives nodes that know their text.
    """
    parser = _parser(language)
    limit = process_time() + PARSE_SECONDS
    try:
        tree = parser.parse(
            lambda offset, _: text[offset:], progress_callback=lambda _offset, _has_error: process_time() > limit
        )
    except ValueError as exc:
        parser.reset()
        raise ParseTimeout(f"the {language} parser did not come to an end") from exc
    return parser.parse(text, tree)


class Module:
    """One parsed file. Scopes, comments and control flow are computed when a rule first asks for them."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.text = file.text
        self.language = file.language
        self.tree = parse(file.text, file.language)
        self.root = self.tree.root_node
        self._flows: dict[int, ControlFlow] = {}
        self._surveyed: dict[str, list[Node]] | None = None

    def survey(self, source: str) -> dict[str, list[Node]]:
        """What a query captures that begins with ``survey_source``: ``nodes`` and ``scopes`` take their part from it.

        An empty walk over a tree costs half of what the rules' walk does, so one for all is worth having.
        """
        self._surveyed = QueryCursor(query(self.language, source)).captures(self.root)
        return self._surveyed

    def nodes(self, *kinds: str) -> list[Node]:
        """Every node of these kinds, in order."""
        if self._surveyed is not None and _SURVEYED.issuperset(kinds):
            captured = self._surveyed
        else:
            captured = QueryCursor(query(self.language, kinds_query(kinds))).captures(self.root)
        # py-tree-sitter groups captures through a hash: their order is not the file's.
        return sorted((node for kind in kinds for node in captured.get(KIND + kind, ())), key=attrgetter("start_byte"))

    @cached_property
    def kind(self) -> ModuleKind:
        """Whether top-level declarations are the file's own.

        The file name decides where it can (.mjs, .cjs); TypeScript and JSX files are modules, as every bundler and
        ESLint take them (.cts too: it is written with imports and exports); a .js file is one if it imports or exports.
        """
        ending = self.file.path.rpartition(".")[2].lower()
        if ending == "cjs":
            return "commonjs"
        if ending != "js":
            return "module"
        return "module" if any(child.type in _MODULE_STATEMENTS for child in self.root.children) else "script"

    @cached_property
    def is_too_deep(self) -> bool:
        """Whether the tree is so deep that climbing it from every node would take seconds.

        ``Node.parent`` descends from the root, so what the rules cost grows with the depth of each node they look at.
        The depth is estimated from a few nodes spread over the tree (10 us a file): the mean is under 60 in code that
        people write, and beyond 1,000 where it is nested on purpose or was generated.
        """
        count = self.root.descendant_count
        if count < _SMALL_TREE:
            return False
        cursor = self.tree.walk()
        depth = 0
        for sample in range(_DEPTH_SAMPLES):
            cursor.goto_descendant((2 * sample + 1) * count // (2 * _DEPTH_SAMPLES))
            depth += cursor.depth
        mean = depth / _DEPTH_SAMPLES
        return mean > _DEEP_MEAN and mean * count > _DEEP_TOTAL

    @cached_property
    def comments(self) -> list[Node]:
        """Every comment, in order."""
        return self.nodes("comment")

    @cached_property
    def scopes(self) -> ScopeManager:
        """Scopes, variables and references."""
        from thea_hook.languages.scope import analyze

        return analyze(
            self.root, language=self.language, module_kind=self.kind, text=self.text, captured=self._surveyed
        )

    def flow(self, node: Node) -> ControlFlow:
        """The control-flow graph of a program, function, static block or field initialiser."""
        from thea_hook.languages.controlflow import build

        flow = self._flows.get(node.id)
        if flow is None:
            flow = self._flows[node.id] = build(node)
        return flow

    @cached_property
    def errors(self) -> list[Node]:
        """The places that tree-sitter could not read, in no order."""
        if not self.root.has_error:
            return []
        found = QueryCursor(query(self.language, "(ERROR) @error (MISSING) @error")).captures(self.root)
        return found.get("error", [])

    @cached_property
    def broken(self) -> list[Span]:
        """The statements that tree-sitter could not read whole, in order; empty for a file that parses."""
        return sorted({Span(node.start_byte, node.end_byte) for node in map(_statement_of, self.errors)})

    def in_broken_statement(self, span: Span) -> bool:
        """Whether a finding here would rest on a guess of the error recovery."""
        return any(broken.start <= span.start < max(broken.end, broken.start + 1) for broken in self.broken)


_last: list[Module] = []


def module_of(file: SourceFile) -> Module:
    """The parsed file; the engines of a run ask in turn about the same file, so the last one is kept."""
    if not _last or _last[0].file is not file:
        _last[:] = [Module(file)]
    return _last[0]


_MODULE_STATEMENTS = frozenset({"import_statement", "export_statement"})


def _statement_of(node: Node) -> Node:
    for ancestor in ancestors(node):
        if ancestor.type in _CONTAINERS:
            break
        node = ancestor
    return node


def ancestors(node: Node) -> Iterator[Node]:
    """Parent, grandparent, ... up to the program."""
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent
