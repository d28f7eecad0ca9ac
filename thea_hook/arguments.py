"""The command line as data: which flags there are, and what they mean to the configuration and to the run."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from thea_hook import __version__
from thea_hook.errors import UsageError, did_you_mean

LINTERS = ("eslint", "oxlint", "biome", "tsc")
COMMANDS = ("check", "rules", "explain", "server", "feedback")

# Flag -> key of the configuration file, for the flags that are settings.
_SETTINGS = {
    "select": "select",
    "ignore": "ignore",
    "extend_select": "extend-select",
    "extend_ignore": "extend-ignore",
    "fixable": "fixable",
    "unfixable": "unfixable",
    "exclude": "exclude",
    "extend_exclude": "extend-exclude",
    "env": "env",
    "confidence": "confidence",
    "models": "models",
    "backend": "backend",
    "model_path": "model-path",
    "budget": "budget",
    "teacher": "teacher",
    "teacher_url": "teacher-url",
    "teacher_model": "teacher-model",
    "teacher_timeout": "teacher-timeout",
    "teacher_questions": "teacher-questions",
    "teacher_remote": "teacher-remote",
    "memory": "memory",
    "workers": "workers",
    "cache_dir": "cache-dir",
    "preset": "preset",
    "eslint_directives": "eslint-directives",
    "respect_gitignore": "respect-gitignore",
    "force_exclude": "force-exclude",
}


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Help of a fixed width: asking the terminal for its own imports six modules, and argparse makes a formatter for
    every flag it is told of.
    """

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=32, width=100)


class _Parser(argparse.ArgumentParser):
    """Raises instead of exiting, and knows the nearest flag."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(formatter_class=_Formatter, allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        hint = ""
        if message.startswith("unrecognized arguments: "):
            word = message.removeprefix("unrecognized arguments: ").split()[0]
            hint = did_you_mean(word.partition("=")[0], self._option_string_actions)
        raise UsageError(f"{message}.{hint} See `thea-hook --help`.")


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The arguments as a namespace with ``command``. Raises UsageError; ``--help`` and ``--version`` exit with 0."""
    words = list(argv)
    command = words.pop(0) if words and words[0] in COMMANDS else "check"
    parser = {
        "check": _check_parser,
        "rules": _rules_parser,
        "explain": _explain_parser,
        "server": _server_parser,
        "feedback": _feedback_parser,
    }[command]()
    args = _parse_check(parser, words) if command == "check" else parser.parse_args(words)
    args.command = command
    return args


def _parse_check(parser: _Parser, words: list[str]) -> argparse.Namespace:
    """Paths may stand between options; what comes after ``--`` is a path whatever it looks like."""
    end = words.index("--") if "--" in words else len(words)
    args = parser.parse_intermixed_args(words[:end])
    args.paths += words[end + 1 :]
    return args


def settings_from(args: argparse.Namespace) -> Mapping[str, Any]:
    """The flags that were given, under the names of the configuration file."""
    return {key: getattr(args, name) for name, key in _SETTINGS.items() if getattr(args, name) is not None}


def _words(value: str) -> list[str]:
    return [word for word in value.replace(",", " ").split() if word]


def _rules_parser() -> _Parser:
    parser = _Parser(prog="thea-hook rules", description="List every rule.")
    parser.add_argument("--output-format", choices=("text", "json"), default="text")
    return parser


def _explain_parser() -> _Parser:
    parser = _Parser(prog="thea-hook explain", description="Say what a rule finds, why, and how far its fix goes.")
    parser.add_argument("rule", metavar="RULE")
    return parser


def _server_parser() -> _Parser:
    parser = _Parser(prog="thea-hook server", description="Serve an editor: the Language Server Protocol.")
    parser.add_argument("--stdio", action="store_true", help="over standard input and output (there is no other way)")
    return parser


def _feedback_parser() -> _Parser:
    parser = _Parser(prog="thea-hook feedback", description="Say what you think of suggestions, and see what is kept.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="up | down | list | export | clear")
    for verb, meaning in (("up", "this suggestion is right"), ("down", "this suggestion is wrong")):
        vote = verbs.add_parser(verb, description=f"Remember that {meaning}.")
        vote.add_argument("fingerprint", metavar="FINGERPRINT", help="as a report shows it: 8 digits or more")
        vote.add_argument("paths", nargs="*", metavar="PATHS", help="where the finding is (default: this folder)")
        vote.add_argument(
            "--with", dest="linters", action="append", default=[], choices=LINTERS, help="it is one of this linter's"
        )
    verbs.add_parser("list", description="List what is remembered, one line a suggestion.")
    export = verbs.add_parser("export", description="Write what is remembered as JSON.")
    export.add_argument("file", nargs="?", metavar="FILE", help="default: standard output")
    export.add_argument("--pairs", action="store_true", help="preferences for DPO: prompt, chosen, rejected")
    verbs.add_parser("clear", description="Delete everything that is remembered.")
    return parser


def _check_parser() -> _Parser:
    parser = _Parser(
        prog="thea-hook",
        usage="thea-hook [check] [PATHS] [options]\n       thea-hook rules | explain RULE | server | feedback VERB"
        "\n       thea-hook --health-check",
        description="Find and repair what is wrong in JavaScript and TypeScript.",
        epilog="Exit codes: 0 clean or all fixed, 1 findings remain, 2 usage, configuration or internal error.",
    )
    parser.add_argument("paths", nargs="*", metavar="PATHS", help="files and folders; `-` is standard input")
    parser.add_argument("--version", action="version", version=f"thea-hook {__version__}")
    _add_selection(parser.add_argument_group("what is checked"))
    _add_fixing(parser.add_argument_group("fixing"))
    _add_rules(parser.add_argument_group("rules"))
    _add_output(parser.add_argument_group("output"))
    _add_other(parser.add_argument_group("other"))
    return parser


def _add_selection(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--file", action="append", default=[], metavar="PATH", help="a file to check, like PATHS")
    group.add_argument("--directory", action="append", default=[], metavar="PATH", help="a folder to check, like PATHS")
    group.add_argument(
        "--workspace",
        action="append",
        default=[],
        metavar="NAME|PATH",
        help="a package of the monorepo, like its folder",
    )
    group.add_argument("--staged", action="store_true", help="the staged files, as they are in the index")
    group.add_argument("--since", metavar="REF", help="the files changed since the merge base with REF")
    group.add_argument("--changed-lines", action="store_true", help="only findings on lines of that diff")
    group.add_argument("--all-files", action="store_true", help="every file of the repository")
    group.add_argument("--stdin-filename", metavar="PATH", help="read standard input as if it were this file")
    group.add_argument("--exclude", type=_words, metavar="GLOBS", help="leave these out instead of the usual folders")
    group.add_argument("--extend-exclude", type=_words, metavar="GLOBS", help="leave these out too")
    group.add_argument(
        "--force-exclude",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="exclude also files that are named outright",
    )
    group.add_argument(
        "--respect-gitignore", action=argparse.BooleanOptionalAction, default=None, help="default: respected"
    )


def _add_fixing(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--fix", action="store_true", help="apply the safe fixes")
    group.add_argument("--unsafe-fixes", action="store_true", help="with --fix or --diff: the unsafe ones too")
    group.add_argument("--fix-only", action="store_true", help="fix, and do not report what is left")
    group.add_argument("--diff", action="store_true", help="print the fixes as a patch for `git apply`; write nothing")
    group.add_argument("--fixable", type=_words, metavar="RULES", help="fix only these rules")
    group.add_argument("--unfixable", type=_words, metavar="RULES", help="report these rules, never fix them")


def _add_rules(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--select", type=_words, metavar="RULES", help="ids, categories, `recommended` or `all`")
    group.add_argument("--extend-select", type=_words, metavar="RULES", help="these as well as the configured ones")
    group.add_argument("--ignore", type=_words, metavar="RULES", help="leave these rules out")
    group.add_argument("--extend-ignore", type=_words, metavar="RULES", help="leave these out as well")
    group.add_argument("--env", type=_words, metavar="NAMES", help="where the code runs: browser, node, jest, ...")
    group.add_argument("--confidence", type=float, metavar="P", help="only findings at least this sure (0 to 1)")
    group.add_argument(
        "--models",
        type=_words,
        metavar="NAMES",
        help="which models run: all, none, tagger, trm, mamba, rlm, liquid, infill",
    )
    group.add_argument("--model-path", metavar="FOLDER", help="models of your own instead of those that are installed")
    group.add_argument("--backend", metavar="NAME", help="what runs them: onnxruntime or torch")
    group.add_argument("--budget", metavar="SECONDS[/FILE]", help="how long they may take: 10 a run, or 10/2: 2 a file")
    group.add_argument("--teacher", metavar="KIND", help="a large model asked last: ollama, openai, or off (default)")
    group.add_argument("--teacher-url", metavar="URL", help="its server, on this machine (docs/teacher.md)")
    group.add_argument("--teacher-model", metavar="NAME", help="its name there (default: qwen3-coder:30b)")
    group.add_argument("--teacher-timeout", type=float, metavar="SECONDS", help="for one text (default: 60)")
    group.add_argument("--teacher-questions", type=int, metavar="N", help="the most questions of a run (default: 20)")
    group.add_argument(
        "--teacher-remote",
        action="store_true",
        default=None,
        help="send code to another machine: the one that THEA_TEACHER_REMOTE names",
    )
    group.add_argument(
        "--memory",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="keep applied suggestions on this machine, to learn from (docs/memory.md; default: no)",
    )
    group.add_argument(
        "--eslint-directives",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="honour eslint-disable comments (default: yes)",
    )
    group.add_argument(
        "--with",
        dest="linters",
        action="append",
        default=[],
        choices=LINTERS,
        help="ask this linter of the project too, and mend what it finds (may be given several times)",
    )
    group.add_argument(
        "--findings", action="append", default=[], metavar="FILE", help="findings of another linter: SARIF, ESLint JSON"
    )
    group.add_argument("--baseline", metavar="FILE", help="hide the findings listed in this file")
    group.add_argument(
        "--write-baseline", nargs="?", const="", metavar="FILE", help="list all present findings in this file"
    )
    group.add_argument("--prune-baseline", action="store_true", help="drop the entries of --baseline that are fixed")


def _add_output(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--output-format",
        action="append",
        metavar="FORMAT[:FILE]",
        help="several may be given: full, grouped, concise, json, json-lines, diff, github, gitlab, sarif, junit, "
        "checkstyle, rdjson, rdjsonl, azure, html, markdown (default: full; where GitHub or Azure runs it, annotations "
        "too)",
    )
    group.add_argument("--statistics", action="store_true", help="count the findings of each rule")
    group.add_argument("--color", choices=("auto", "always", "never"), default="auto")
    group.add_argument("-q", "--quiet", action="store_true", help="findings only, no summary")
    group.add_argument("--show-routing", action="store_true", help="say which models were asked, why, and how it went")
    group.add_argument("--watch", action="store_true", help="check again whenever a file changes, until Ctrl-C")
    group.add_argument("--exit-zero", action="store_true", help="0 even if findings remain")
    group.add_argument(
        "--fail-level",
        choices=("error", "warning", "info"),
        default="info",
        help="1 only for findings at least this severe (default: info, which is all of them)",
    )
    group.add_argument("--exit-non-zero-on-fix", action="store_true", help="1 if anything was fixed")


def _add_other(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--config", metavar="FILE", help="use this configuration file")
    group.add_argument("--isolated", action="store_true", help="ignore every configuration file")
    group.add_argument("--preset", choices=("development", "production", "edge"))
    group.add_argument("--show-settings", action="store_true", help="print the settings and exit")
    group.add_argument("--health-check", action="store_true", help="say what is installed and whether it works")
    group.add_argument("--workers", type=int, metavar="N", help="processes for many files (0: one for each processor)")
    group.add_argument("--no-cache", action="store_true", help="neither read nor write the cache")
    group.add_argument("--cache-dir", metavar="PATH")
