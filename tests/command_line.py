"""The command line, run in this process: a run costs milliseconds, a new interpreter half a second."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

import pytest

from thea_hook import cli


@dataclass(frozen=True)
class Done:
    """What a run left behind."""

    code: int
    stdout: bytes
    stderr: bytes

    @property
    def out(self) -> str:
        return self.stdout.decode()

    @property
    def err(self) -> str:
        return self.stderr.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)

    @property
    def rules(self) -> list[str]:
        """The rules of the findings, where the format was JSON."""
        return [finding["rule"] for finding in self.json["findings"]]


class CommandLine:
    """Call it with arguments; ``json`` is the same with the JSON format."""

    def __init__(self, capture: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capture = capture
        self._monkeypatch = monkeypatch

    def __call__(self, *arguments: str, stdin: bytes = b"") -> Done:
        self._monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        self._capture.readouterr()
        code = cli.main(arguments)
        captured = self._capture.readouterr()
        return Done(code, captured.out, captured.err)

    def json(self, *arguments: str, stdin: bytes = b"") -> Done:
        return self(*arguments, "--output-format", "json", stdin=stdin)
