"""A real git repository for a test."""

from __future__ import annotations

import subprocess
from pathlib import Path


class Repository:
    """A repository in a folder of its own, with the few commands that tests need."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")
        self.git("config", "user.name", "Ada")
        self.git("config", "user.email", "ada@example.org")
        self.git("config", "commit.gpgsign", "false")

    @property
    def root(self) -> str:
        return str(self.folder)

    def git(self, *arguments: str) -> str:
        done = subprocess.run(("git", *arguments), cwd=self.folder, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def write(self, path: str, text: str | bytes) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    def stage(self, path: str, text: str | bytes) -> Path:
        file = self.write(path, text)
        self.git("add", "--", path)
        return file

    def commit(self, path: str, text: str | bytes) -> str:
        """Commit one file; the id of the commit."""
        self.stage(path, text)
        self.git("commit", "-q", "-m", f"Change {path!r}")
        return self.git("rev-parse", "HEAD")

    def pose_as_bare(self, folder: str) -> Path:
        """Commit files that make a folder look like a bare repository; the file that programs of its settings make."""
        proof = self.folder.parent / "started"
        settings = (
            "[core]\nrepositoryformatversion = 0\nbare = false\nworktree = ..\n"
            f'fsmonitor = "touch {proof}; false"\nsshCommand = "touch {proof}; false"\n'
            '[remote "origin"]\nurl = ssh://localhost/shop\n'
        )
        for name, text in {"HEAD": "ref: refs/heads/main\n", "objects/a": "", "refs/a": "", "config": settings}.items():
            self.commit(f"{folder}/{name}", text)
        return proof
