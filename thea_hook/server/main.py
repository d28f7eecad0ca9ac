"""Starts the server, and says with which code the process ends."""

from __future__ import annotations

import logging
import os
import signal
import sys
from typing import BinaryIO

from thea_hook.errors import UsageError


def serve() -> int:
    """Talk to the editor until it leaves: 0 if it said so before, else 1, as the protocol wants it.

    Raises UsageError where pygls is not installed.
    """
    try:
        from thea_hook.server.features import create
    except ModuleNotFoundError as exc:
        if exc.name is None or exc.name.partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise UsageError("the server needs pygls: pip install 'thea-hook[lsp]'") from exc
    pygls = logging.getLogger("pygls")
    pygls.addHandler(logging.NullHandler())
    pygls.propagate = False  # what goes wrong is told to the editor, which has a log of its own
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # there is nothing to save, and the reader waits for input
    stdin, stdout = _take_standard_streams()
    server, session, features = create()
    try:
        server.start_io(stdin, stdout)
    finally:
        session.close()
    return 0 if features.was_shut_down else 1


def _take_standard_streams() -> tuple[BinaryIO, BinaryIO]:
    """The two streams for us alone: what else is started here finds no input, and what it prints goes to the log."""
    stdin, stdout = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(sys.stderr.fileno(), 1)
    return stdin, stdout
