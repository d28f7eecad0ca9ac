"""First step: check the inputs, and say what is cached where."""

from __future__ import annotations

import os
import sys
from hashlib import sha256

import inputs
import places
from workflow import StepError, run, set_output


def main() -> int:
    if sys.version_info < (3, 10):  # noqa: UP036 - the input says which Python this is
        raise StepError("thea-hook needs Python 3.10 or newer: change `python-version`.")
    given = inputs.read(os.environ)
    set_output("inputs", given.to_json())
    set_output("cache", str(given.cache).lower())
    set_output("downloads", str(places.downloads()))
    set_output("downloads-key", downloads_key(given.version))
    set_output("results", str(places.results(given.working_directory)))
    set_output("results-prefix", results_prefix(given))
    return 0


def downloads_key(version: str) -> str:
    """What pip downloads depends on: the machine, the Python, and the versions that are asked for."""
    wanted = version.encode() or places.LOCK.read_bytes()
    return f"thea-hook-pip-{_machine()}-py{sys.version_info[0]}.{sys.version_info[1]}-{_digest(wanted)}"


def results_prefix(given: inputs.Inputs) -> str:
    """What the keys of the results begin with; results of other versions are told apart by thea-hook itself."""
    return f"thea-hook-results-{_machine()}-{_digest(given.working_directory.encode('utf-8', 'surrogateescape'))}-"


def _machine() -> str:
    return f"{os.environ['RUNNER_OS']}-{os.environ['RUNNER_ARCH']}"


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()[:16]


if __name__ == "__main__":
    run(main)
