"""A name for the code that is running, for the cache: a result is only as good as the code that made it."""

from __future__ import annotations

from pathlib import Path

from thea_hook import __version__


def code_version() -> str:
    """The release; in a checkout also when its code or rules last changed (under 2 ms)."""
    package = Path(__file__).parent
    rules = package.parent / "rules"
    if not rules.is_dir():
        return __version__
    newest = max(path.stat().st_mtime_ns for path in (*package.rglob("*.py"), *rules.rglob("*.yaml"), *rules.glob("*")))
    return f"{__version__}+{newest}"
