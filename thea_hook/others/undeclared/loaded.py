"""Which global names pages and settings speak of: the scripts that they load, and lists of globals."""

from __future__ import annotations

import re
from collections.abc import Iterator

from thea_hook.languages.environments import globals_for

_GLOBALS = re.compile(rb"\b(?:globals|predef)[\"']?\s*[:=]\s*([{\[])")
_YAML_GLOBALS = re.compile(rb"^([ ]*)globals:[ ]*\n((?:\1[ ]+.*\n?)+)", re.MULTILINE)
_LONGEST_LIST = 20_000

_SCRIPT = re.compile(rb"<script\b[^>]{0,500}?\bsrc\s*=\s*[\"']?([^\"'\s>]{1,500})", re.IGNORECASE)
_JAVASCRIPT = re.compile(rb"[\"']([^\"'\s]{1,500}\.js)[\"']")
_FRAMEWORKS = re.compile(rb"\bframeworks\s*:\s*\[([^\]]{0,500})\]")
_DEPENDENCIES = re.compile(rb"\"(?:devD|d)ependencies\"\s*:\s*\{([^{}]*)\}")
_KEY = re.compile(rb"\"([^\"]+)\"\s*:")
_QUOTED = re.compile(rb"[\"']([^\"']+)[\"']")

# Names that are not those of their files.
_OTHER_NAMES = {
    "_": ("lodash", "underscore"),
    "$": ("jquery", "zepto"),
    "L": ("leaflet",),
    "ko": ("knockout",),
    "io": ("socketio",),
    "hljs": ("highlight",),
    "ReactDOM": ("reactdom",),
    "prettyPrint": ("prettify",),
    "expect": ("chai",),
}


# Test runners whose names are global in tests: package -> environment.
_RUNNERS = {
    "cypress": "mocha",
    "jasmine": "jasmine",
    "jasmine-core": "jasmine",
    "jest": "jest",
    "mocha": "mocha",
    "protractor": "protractor",
    "qunit": "qunit",
}
_OWN_NAMES = {"cypress": frozenset({"cy", "Cypress", "expect", "assert"})}
_TEST = re.compile(
    r"(?:^|/)(?:tests?|specs?|__tests__|__mocks__|cypress|e2e)/|[._-](?:test|spec|cy|e2e)\.[cm]?[jt]sx?$", re.IGNORECASE
)


def test_runner(path: str, package: bytes, name: str) -> str | None:
    """The test runner that a `package.json` depends on and that gives tests this name; None for any other file."""
    if not _TEST.search(path):
        return None
    for match in _DEPENDENCIES.finditer(package):
        for key in _KEY.findall(match[1]):
            runner: str = key.decode("utf-8", "replace")
            if name in _OWN_NAMES.get(runner, ()) or (runner in _RUNNERS and name in globals_for((_RUNNERS[runner],))):
                return runner
    return None


def names_global(text: bytes, name: str) -> bool:
    """Whether settings list the name among their globals."""
    word = re.compile(rb"(?<![\w$.])%b(?![\w$])" % re.escape(name.encode("utf-8", "surrogateescape")))
    return any(word.search(part) for part in _global_lists(text))


def _global_lists(text: bytes) -> Iterator[bytes]:
    for match in _GLOBALS.finditer(text):
        end = match.end() + _LONGEST_LIST
        closing = text.find(b"}" if match[1] == b"{" else b"]", match.end(), end)
        yield text[match.end() : closing if closing >= 0 else match.end()]
    for match in _YAML_GLOBALS.finditer(text):
        yield match[2]


def loads(file_name: str, text: bytes, name: str) -> str | None:
    """The script that a page, karma's settings or Bower's dependencies load and that is called like a name."""
    wanted = {_plain(name), *_OTHER_NAMES.get(name, ())} - {""}
    for script in _scripts(file_name, text):
        if _stem(script) in wanted:
            return script
    return None


def _scripts(file_name: str, text: bytes) -> Iterator[str]:
    if file_name == "bower.json":
        found = [key for match in _DEPENDENCIES.finditer(text) for key in _KEY.findall(match[1])]
    elif file_name.startswith("karma.conf"):
        found = _JAVASCRIPT.findall(text)
        found += [word for match in _FRAMEWORKS.finditer(text) for word in _QUOTED.findall(match[1])]
    elif file_name.endswith((".html", ".htm")):
        found = _SCRIPT.findall(text)
    else:
        return
    for script in found:
        yield script.decode("utf-8", "replace")


def _stem(script: str) -> str:
    """``https://cdn.example/jquery-3.1.0.min.js?x`` -> ``jquery``."""
    name = re.split(r"[?#]", script, maxsplit=1)[0].rpartition("/")[2]
    name = re.sub(r"(?:\.(?:min|slim|umd|bundle|global|prod|production|development|pkgd|all|js))+$", "", name)
    return _plain(re.sub(r"[-.@]v?\d.*$", "", name))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
