"""What the runner reads from the files that a step appends to (``src/Runner.Worker/FileCommandManager.cs``)."""

from __future__ import annotations

from collections.abc import Iterator

SUMMARY_LIMIT = 1024 * 1024


def pairs(text: str) -> Iterator[tuple[str, str]]:
    """The settings of GITHUB_OUTPUT or GITHUB_ENV: ``name=value``, or ``name<<delimiter`` and lines up to it."""
    lines = iter(text.split("\n"))
    for line in lines:
        if not line:
            continue
        equals, heredoc = line.find("="), line.find("<<")
        if equals >= 0 and (heredoc < 0 or equals < heredoc):
            name, value = line.split("=", 1)
        elif heredoc >= 0:
            name, delimiter = line.split("<<", 1)
            assert name, f"no name in {line!r}"
            assert delimiter, f"no delimiter in {line!r}"
            value = "\n".join(_up_to(delimiter, lines))
        else:
            raise AssertionError(f"Invalid format {line!r}")
        yield name, value


def _up_to(delimiter: str, lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if line == delimiter:
            return
        yield line
    raise AssertionError(f"no line {delimiter!r}")


def summary(text: str) -> str:
    """A job summary, which is dropped where it is too long."""
    size = len(text.encode())
    assert size <= SUMMARY_LIMIT, f"GitHub drops a summary of {size:,} bytes"
    return text
