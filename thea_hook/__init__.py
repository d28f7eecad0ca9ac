"""thea-hook: a linter for JavaScript and TypeScript that repairs what it finds.

The Python interface is two names, both imported on first use so that ``import thea_hook`` stays cheap:

- :class:`PatternMatcher` checks and fixes a piece of code with the rules.
- :func:`check_paths` checks files and folders the way the command line does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from thea_hook.api import PatternMatcher, check_paths

__all__ = ["PatternMatcher", "__version__", "check_paths"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    if name in ("PatternMatcher", "check_paths"):
        from thea_hook import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
