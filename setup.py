"""Compiles the rule catalogue into the package, and names the exporters' folder; everything else is in setup.cfg."""

from __future__ import annotations

import sys
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py


class BuildWithCatalogue(build_py):
    """A wheel carries the rules compiled: no YAML is parsed where the hook runs."""

    def run(self) -> None:
        sys.path.insert(0, str(Path(__file__).parent))
        from thea_hook.ruleset.compiler import compile_catalogue
        from thea_hook.ruleset.loader import CASES, CATALOGUE, SOURCES

        compile_catalogue(SOURCES, CATALOGUE, CASES)
        super().run()


setup(
    cmdclass={"build_py": BuildWithCatalogue},
    packages=[*find_packages(include=["thea_hook*"]), "thea_exporters"],
    package_dir={"thea_exporters": "exporters"},
)
