"""Install thea-hook in an environment of its own, and put the command on the PATH of later steps.

Without ``version`` the source is the action's own checkout: whoever pins the action to a commit has pinned everything
that runs, down to the hashes of the packages it needs. A version from an index would be another thing to pin, and the
index another one to trust.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import inputs
import places
from workflow import StepError, add_to_path, run, set_output

# What building the package needs; tests and documentation stay behind.
_SOURCES = (
    "thea_hook",
    "exporters",
    "rules",
    "setup.cfg",
    "setup.py",
    "pyproject.toml",
    "MANIFEST.in",
    "README.md",
    "LICENSE",
)


def main() -> int:
    given = inputs.from_json(os.environ["THEA_INPUTS"])
    done = places.environment() / "installed"
    wanted = given.version or f"{places.SOURCE} {places.LOCK.read_text('utf-8')}"
    if not done.exists() or done.read_text("utf-8") != wanted:
        install(given.version)
        done.write_text(wanted, "utf-8")
    version = installed_version()
    print(f"thea-hook {version} on Python {sys.version.split()[0]}")
    set_output("version", version)
    add_to_path(str(expose_command(places.home() / "bin")))
    return 0


def install(version: str) -> None:
    """Make the environment anew and fill it. Raises StepError where pip could not."""
    shutil.rmtree(places.environment(), ignore_errors=True)
    _call(
        [os.environ["PYTHON"], "-I", "-m", "venv", str(places.environment())],
        "Python could not make a virtual environment",
    )
    if version:
        _pip(requirement(version))
        return
    _pip("--require-hashes", "--requirement", str(places.LOCK))
    with_source = places.home() / "source"
    shutil.rmtree(with_source, ignore_errors=True)
    copy_source(places.SOURCE, with_source)
    _pip("--no-deps", "--no-build-isolation", str(with_source))


def requirement(version: str) -> str:
    """What pip is asked for: ``latest``, a version, or a specifier."""
    if version == "latest":
        return "thea-hook"
    return f"thea-hook=={version}" if version[0].isalnum() else f"thea-hook{version}"


def copy_source(source: Path, target: Path) -> None:
    """The package without what building it would leave behind in the checkout of the action."""
    target.mkdir(parents=True)
    for name in _SOURCES:
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source / name, target / name)


def installed_version() -> str:
    """The version that the command itself gives."""
    done = _call([str(places.interpreter()), "-I", "-m", "thea_hook", "--version"], "thea-hook does not start")
    return done.split()[-1]


def expose_command(folder: Path, windows: bool = os.name == "nt") -> Path:
    """A folder with the command alone: that of the environment holds a ``python`` too, which is not for the job."""
    folder.mkdir(parents=True, exist_ok=True)
    scripts = places.interpreter(windows).parent
    name = next(path.name for path in scripts.iterdir() if path.stem == "thea-hook")
    (folder / name).unlink(missing_ok=True)
    if windows:  # making links takes a right there
        shutil.copy2(scripts / name, folder / name)
    else:
        (folder / name).symlink_to(scripts / name)
    return folder


def _pip(*arguments: str) -> None:
    command = [
        str(places.interpreter()),
        "-I",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
    ]
    _call([*command, "--cache-dir", str(places.downloads()), *arguments], f"pip could not install {arguments[-1]}")


def _call(command: list[str], failure: str) -> str:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    words = done.stdout.decode("utf-8", "replace").strip()
    if done.returncode:
        raise StepError(f"{failure}:\n{words}")
    return words


if __name__ == "__main__":
    run(main)
