"""Servers for the tests. Each must end as the protocol says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from editor import Editor


@pytest.fixture
def start(project: Path) -> Iterator[Callable[..., Editor]]:
    """Starts an editor with a server of its own in the working folder."""
    from editor import Editor

    started: list[Editor] = []

    def start(**arguments: Any) -> Editor:
        started.append(Editor(project, **arguments))
        return started[-1]

    yield start
    assert [editor.quit() for editor in started] == [0] * len(started)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """An editor with a workspace for several tests: starting a server takes longer than most of them."""
    from editor import Editor

    folder = tmp_path_factory.mktemp("workspace")
    (folder / ".git").mkdir()
    editor = Editor(folder)
    yield editor
    assert editor.quit() == 0


@pytest.fixture
def editor(workspace: Editor, request: pytest.FixtureRequest) -> Editor:
    """The editor of the workspace, in a folder for this test alone."""
    folder = workspace.initialized_in / re.sub(r"\W+", "-", request.node.name)[:100]
    folder.mkdir()
    workspace.move_to(folder)
    return workspace
