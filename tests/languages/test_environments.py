"""Which globals an environment provides."""

from __future__ import annotations

import subprocess
import sys

import pytest

from thea_hook.languages.environments import globals_for, known_environments


@pytest.mark.parametrize(
    ("environment", "name", "writable"),
    [
        ("builtin", "Promise", False),
        ("builtin", "globalThis", False),
        ("builtin", "hasOwnProperty", False),
        ("es5", "JSON", False),
        ("es6", "Map", False),
        ("browser", "window", False),
        ("browser", "location", True),
        ("node", "process", False),
        ("commonjs", "require", False),
        ("commonjs", "exports", True),
        ("jest", "expect", False),
        ("mocha", "describe", False),
        ("worker", "importScripts", False),
        ("serviceworker", "clients", False),
        ("jquery", "$", False),
    ],
)
def test_an_environment_provides_its_globals(environment: str, name: str, writable: bool) -> None:
    assert globals_for([environment])[name] is writable


def test_a_newer_global_is_missing_from_an_older_edition() -> None:
    assert "Map" not in globals_for(["es5"])
    assert "window" not in globals_for(["builtin", "node"])


def test_a_global_is_writable_if_one_environment_says_so() -> None:
    assert globals_for(["node", "commonjs"])["exports"] is True
    assert globals_for(["commonjs", "amd"])["require"] is False


def test_unknown_environments_provide_nothing() -> None:
    assert globals_for(["no-such-place"]) == {}
    assert "no-such-place" not in known_environments()


def test_every_known_environment_has_globals() -> None:
    assert [name for name in known_environments() if not globals_for([name])] == []


def test_the_names_are_read_only_when_asked_for() -> None:
    code = "import thea_hook.languages.environments as e; assert e._environments.cache_info().currsize == 0"
    subprocess.run([sys.executable, "-c", code], check=True)
