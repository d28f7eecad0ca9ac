"""Stand-ins for what a job has around the action: other actions, the cache service, and a Python without network."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
import venv
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Takes the place of pip in the environments that the stand-in makes: it notes what it is asked for, and "installs"
# thea-hook by writing its command; the package itself is found in the checkout.
_PIP = """\
import json, os, sys
from pathlib import Path
with open(Path(sys.prefix).parent / "pip-calls", "a") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\\n")
command = Path(sys.prefix) / "bin" / "thea-hook"
command.write_text(f"#!{sys.executable} -I\\nimport sys\\nfrom thea_hook.cli import main\\nsys.exit(main())\\n")
command.chmod(0o755)
"""


class CacheService:
    """The caches of a repository: what actions/cache/save stored, by key."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.keys: list[str] = []

    def restore(self, settings: Mapping[str, str]) -> dict[str, str]:
        """The newest cache with the key, else the newest whose key begins with one of the restore-keys."""
        key, path = settings["key"], Path(settings["path"])
        prefixes = settings.get("restore-keys", "").split()
        found = next((known for known in self.keys if known == key), None)
        for prefix in prefixes:
            found = found or next((known for known in reversed(self.keys) if known.startswith(prefix)), None)
        if found is None:
            return {"cache-primary-key": key}
        shutil.copytree(self._folder / found, path, dirs_exist_ok=True)
        return {"cache-primary-key": key, "cache-matched-key": found, "cache-hit": "true" if found == key else "false"}

    def save(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Store a folder; like the service, no key twice."""
        key, path = settings["key"], Path(settings["path"])
        assert key not in self.keys, f"{key} is there already"
        path.mkdir(parents=True, exist_ok=True)  # of what pip would have filled
        shutil.copytree(path, self._folder / key)
        self.keys.append(key)
        return {}


def used_actions(python: Path, cache: CacheService) -> dict[str, Callable[[Mapping[str, str]], dict[str, str]]]:
    """What the actions that ours uses do: settings to outputs."""
    version = ".".join(map(str, sys.version_info[:3]))
    return {
        "actions/setup-python": lambda settings: {"python-path": str(python), "python-version": version},
        "actions/cache/restore": cache.restore,
        "actions/cache/save": cache.save,
    }


def python_without_network(folder: Path) -> Path:
    """A Python like this one, whose virtual environments find this checkout and have the stand-in for pip."""
    folder.mkdir(parents=True)
    executable = folder / "python"
    executable.write_text(
        "#!/bin/sh\n"
        f'case "$*" in "-I -m venv "*) exec {sys.executable} -I {__file__} "$4" ;; esac\n'
        f'exec {sys.executable} "$@"\n'
    )
    executable.chmod(executable.stat().st_mode | stat.S_IXUSR)
    return executable


def _make_environment(folder: Path) -> None:
    venv.create(folder, symlinks=True)
    asked = subprocess.run(
        [folder / "bin" / "python", "-I", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    packages = Path(asked.stdout.strip())
    (packages / "pip").mkdir()
    (packages / "pip" / "__init__.py").touch()
    (packages / "pip" / "__main__.py").write_text(_PIP)
    known = [str(ROOT), *(path for path in sys.path if path.endswith("-packages"))]
    (packages / "checkout.pth").write_text("".join(f"{path}\n" for path in known))


if __name__ == "__main__":
    _make_environment(Path(sys.argv[1]))
