"""The packages of a monorepo, by name and by path."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine
from git_repository import Repository

from thea_hook.errors import ConfigError, TheaError, UsageError
from thea_hook.workspaces import select

BAD = "debugger;\n"
PACKAGES = {
    "packages/a": "@acme/a",
    "packages/b": "@acme/b",
    "packages/b/nested": "@acme/nested",
    "packages/test/fixture": "fixture",
    "apps/web": "web",
    "apps/nameless": None,
    "apps/node_modules/dependency": "dependency",
    "packages/.hidden": "hidden",
    "other": "other",
}


@pytest.fixture
def monorepo(repository: Repository) -> Repository:
    for folder, name in PACKAGES.items():
        repository.write(f"{folder}/package.json", json.dumps({} if name is None else {"name": name}))
        repository.write(f"{folder}/x.js", BAD)
    repository.write("packages/no-package/x.js", BAD)
    repository.write("root.js", BAD)
    return repository


def found(repository: Repository) -> list[str]:
    """Every folder of a package that the list of the monorepo has."""
    listed = []
    for folder in PACKAGES:
        try:
            listed += select([folder], repository.root)
        except UsageError:
            continue
    return [os.path.relpath(folder, repository.root) for folder in listed]


def npm(repository: Repository, workspaces: Any) -> list[str]:
    repository.write("package.json", json.dumps({"name": "top", "workspaces": workspaces}))
    return found(repository)


A, B, NESTED, FIXTURE, WEB, NAMELESS, *_ = PACKAGES


@pytest.mark.parametrize(
    ("workspaces", "expected"),
    [
        (["packages/*"], [A, B]),
        (["./packages/*/"], [A, B]),
        (["packages/a"], [A]),
        (["packages/**"], [A, B, NESTED, FIXTURE]),
        (["packages/**", "!**/test/**"], [A, B, NESTED]),
        (["packages/**", "!packages/b"], [A, NESTED, FIXTURE]),
        (["{packages,apps}/*"], [A, B, WEB, NAMELESS]),
        (["packages/[ab]"], [A, B]),
        (["**"], [A, B, NESTED, FIXTURE, WEB, NAMELESS, "other"]),
        (["../*"], []),
        ([], []),
        ({"packages": ["packages/*"], "nohoist": ["**/x"]}, [A, B]),
    ],
)
def test_package_json_lists_packages_as_npm_and_yarn_read_it(
    monorepo: Repository, workspaces: Any, expected: list[str]
) -> None:
    assert npm(monorepo, workspaces) == expected


@pytest.mark.parametrize(
    "text",
    [
        "packages:\n  - packages/*\n  - apps/web\n",
        "packages:\n- packages/*\n- apps/web\n",
        "packages:\r\n  - 'packages/*'\r\n  - \"apps/web\"\r\n",
        "# ours\ncatalog:\n  a: 1\n\npackages: # all\n  # first\n\n  - 'packages/*' # here\n  - apps/web\n\nx: y\n",
        "packages: ['packages/*', apps/web]\n",
        'packages: [\n  "packages/*", # here\n  "apps/web",\n]\nlinkWorkspacePackages: true\n',
        "packages:\n  - packages/**\n  - '!packages/b/nested'\n  - '!**/test/**'\n  - apps/web\n",
    ],
)
def test_pnpm_workspace_yaml_is_read(monorepo: Repository, text: str) -> None:
    monorepo.write("pnpm-workspace.yaml", text)
    assert npm(monorepo, ["other"]) == [A, B, WEB]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("packages:\n  - packages/*\n  - !apps/web\n", 3),
        ("packages:\n  - *anchor\n", 2),
        ("packages: *anchor\n", 1),
        ("packages:\n  - a: b\n", 2),
        ("packages:\n  - |\n    apps\n", 2),
        ("packages:\n  - packages/*\n    apps\n", 3),
        ("packages: [\n", 1),
        ("packages:\n  a: b\n", 2),
        ("packages:\n  - 'it''s'\n", 2),
    ],
)
def test_yaml_beyond_a_list_of_strings_is_an_error_with_its_line(monorepo: Repository, text: str, line: int) -> None:
    monorepo.write("pnpm-workspace.yaml", text)
    with pytest.raises(ConfigError, match=rf"pnpm-workspace\.yaml:{line}: `packages` must be a list of strings"):
        select(["a"], monorepo.root)


def test_a_pnpm_file_of_settings_alone_leaves_the_list_to_package_json(monorepo: Repository) -> None:
    monorepo.write("pnpm-workspace.yaml", "onlyBuiltDependencies:\n  - esbuild\n")
    assert npm(monorepo, ["apps/web"]) == [WEB]


def test_lerna_json_will_do(monorepo: Repository) -> None:
    monorepo.write("lerna.json", '{"packages": ["packages/*"]}')
    assert found(monorepo) == [A, B]


@pytest.mark.parametrize("wanted", ["@acme/a", "packages/a", "./packages/a/", "{root}/packages/a"])
def test_a_package_is_wanted_by_name_or_path(monorepo: Repository, wanted: str) -> None:
    npm(monorepo, ["packages/*"])
    expected = (str(monorepo.folder / "packages/a"),)
    assert select([wanted.format(root=monorepo.root)], monorepo.root) == expected


def test_the_list_is_found_from_inside_a_package(monorepo: Repository) -> None:
    npm(monorepo, ["packages/*"])
    folder = str(monorepo.folder / "packages/a")
    assert select(["../b", "packages/b", "@acme/b"], folder) == (str(monorepo.folder / "packages/b"),) * 3


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("@acme/c", r"has no package `@acme/c`\. Did you mean `@acme/[ab]`\?"),
        ("packages/no-package", r"has no package `packages/no-package`"),
        ("xyzzy", r"has no package `xyzzy`\. Its packages: @acme/a, @acme/b$"),
    ],
)
def test_a_package_that_is_not_there_is_an_error(monorepo: Repository, wanted: str, message: str) -> None:
    npm(monorepo, ["packages/*"])
    with pytest.raises(UsageError, match=message):
        select([wanted], monorepo.root)


def test_without_a_list_there_are_no_workspaces(monorepo: Repository) -> None:
    monorepo.write("package.json", '{"name": "top"}')
    with pytest.raises(UsageError, match=r"no pnpm-workspace\.yaml, package\.json or lerna\.json from here upwards"):
        select(["@acme/a"], monorepo.root)


def test_a_list_above_the_repository_is_not_ours(monorepo: Repository, tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"workspaces": ["repository/packages/*"]}')
    with pytest.raises(UsageError, match="lists packages"):
        select(["@acme/a"], monorepo.root)


@pytest.mark.parametrize(
    "text",
    [
        "{", '{"workspaces": "packages/*"}', '{"workspaces": [1]}', '{"workspaces": true}', "\udcff",
        '{"workspaces": ' + "[" * 100_000 + "]" * 100_000 + "}",
    ],
    ids=range(6),
)  # fmt: skip
def test_a_wrong_list_is_an_error_that_names_the_file(monorepo: Repository, text: str) -> None:
    monorepo.write("package.json", text.encode("utf-8", "surrogateescape"))
    with pytest.raises(TheaError, match=r"package\.json: "):
        select(["@acme/a"], monorepo.root)


def test_braces_that_stand_for_too_much_are_an_error(monorepo: Repository) -> None:
    monorepo.write("package.json", json.dumps({"workspaces": ["{a,b}" * 30]}))
    with pytest.raises(ConfigError, match="more than 1000 folders"):
        select(["@acme/a"], monorepo.root)


def test_stars_that_say_the_same_again_and_again_are_read_once(monorepo: Repository) -> None:
    monorepo.write("packages/b/nested/" + "deep/" * 40 + "x.js", BAD)
    assert npm(monorepo, ["**/" * 30 + "nested"]) == [NESTED]


def test_the_top_is_a_package_only_where_it_is_named(monorepo: Repository) -> None:
    npm(monorepo, ["**"])
    with pytest.raises(UsageError):
        select(["top"], monorepo.root)
    npm(monorepo, [".", "packages/*"])
    assert select(["top"], monorepo.root) == (monorepo.root,)


def test_a_link_to_elsewhere_is_no_package(monorepo: Repository, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/package.json").write_text('{"name": "elsewhere"}')
    (monorepo.folder / "packages/link").symlink_to(tmp_path / "elsewhere")
    npm(monorepo, ["packages/*"])
    with pytest.raises(UsageError):
        select(["elsewhere"], monorepo.root)


# ------------------------------------------------------------------ the command line


def paths(thea: CommandLine, *arguments: str) -> list[str]:
    done = thea.json("--select", "no-debugger", *arguments)
    assert done.err == ""
    return [finding["path"] for finding in done.json["findings"]]


def test_packages_are_checked_like_their_folders(thea: CommandLine, monorepo: Repository) -> None:
    npm(monorepo, ["packages/*", "apps/web"])
    assert paths(thea, "--workspace", "@acme/a", "--workspace", "apps/web") == ["apps/web/x.js", "packages/a/x.js"]
    assert paths(thea, "--workspace", "web", "root.js") == ["apps/web/x.js", "root.js"]


def test_of_what_changed_only_the_packages(thea: CommandLine, monorepo: Repository) -> None:
    npm(monorepo, ["packages/*"])
    monorepo.git("add", "-A")
    monorepo.git("commit", "-q", "-m", "x")
    monorepo.write("packages/a/new.js", BAD)
    monorepo.stage("packages/b/new.js", BAD)
    monorepo.write("root.js", BAD * 2)
    assert paths(thea, "--since", "HEAD", "--workspace", "@acme/a") == ["packages/a/new.js"]
    assert paths(thea, "--staged", "--workspace", "@acme/a", "--workspace", "@acme/b") == ["packages/b/new.js"]


def test_a_package_and_all_files_contradict_each_other(thea: CommandLine, monorepo: Repository) -> None:
    done = thea("--workspace", "@acme/a", "--all-files")
    assert (done.code, done.err) == (2, "thea-hook: --all-files and @acme/a name different files: give one of them\n")


def test_each_package_has_its_own_settings(thea: CommandLine, monorepo: Repository) -> None:
    npm(monorepo, ["packages/*"])
    monorepo.write("packages/b/thea-hook.toml", 'ignore = ["no-debugger"]\n')
    done = thea.json("--workspace", "@acme/a", "--workspace", "@acme/b")
    assert [finding["path"] for finding in done.json["findings"]] == ["packages/a/x.js"]
