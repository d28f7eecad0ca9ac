"""Which settings hold for which file, and what is said about wrong ones."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from thea_hook import config_file, config_keys
from thea_hook.config import Configuration
from thea_hook.core.finding import Severity
from thea_hook.errors import ConfigError
from thea_hook.settings import DEFAULT_EXCLUDE, HOSTS, PRESETS, Settings

KNOWN = ("no-var", "prefer-const", "eqeqeq", "curly", "style", "correctness")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project: the working folder, and the top of a repository."""
    (tmp_path / "project/.git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


def load(
    folder: Path,
    flags: Mapping[str, object] | None = None,
    environ: Mapping[str, str] | None = None,
    config_file: str | None = None,
    isolated: bool = False,
) -> Configuration:
    return Configuration.load(
        str(folder),
        known_rules=lambda: KNOWN,
        flags=flags,
        environ=environ or {},
        config_file=config_file,
        isolated=isolated,
    )


def toml(folder: Path, text: str, name: str = "thea-hook.toml") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def settings(folder: Path, path: str = "a.js") -> Settings:
    return load(folder).settings(path)


# ------------------------------------------------------------------ which file


def test_without_a_file_the_defaults_hold(folder: Path) -> None:
    (folder / "package.json").write_text("{}")
    assert settings(folder) == Settings(root=str(folder))


@pytest.mark.parametrize("sign", ["package.json", "deno.json", "tsconfig.json", "index.html"])
def test_the_names_of_every_host_are_assumed_in_a_project(folder: Path, sign: str) -> None:
    (folder / sign).write_text("{}")
    assert settings(folder, "src/deep/a.js").assumed_env == HOSTS


def test_outside_of_a_project_only_what_all_hosts_share_is_assumed(folder: Path) -> None:
    (folder / "inner").mkdir()
    (folder / "inner" / "package.json").write_text("{}")
    assert settings(folder, "src/a.js").assumed_env == ("shared-node-browser",)
    assert settings(folder, "inner/a.js").assumed_env == HOSTS


def test_a_project_ends_at_its_repository(folder: Path) -> None:
    (folder / "package.json").write_text("{}")
    (folder / "other" / ".git").mkdir(parents=True)
    assert settings(folder, "other/a.js").assumed_env == ("shared-node-browser",)


def test_the_nearest_file_wins_and_is_not_merged(folder: Path) -> None:
    toml(folder, 'select = ["style"]\nconfidence = 0.9')
    toml(folder, 'ignore = ["no-var"]', "packages/a/thea-hook.toml")
    configuration = load(folder)
    near = configuration.settings("packages/a/src/x.js")
    assert (near.select, near.ignore, near.confidence) == (("recommended",), ("no-var",), 0.5)
    assert near.root == str(folder / "packages/a")
    assert configuration.settings("packages/b/x.js").select == ("style",)
    assert configuration.project().source == str(folder / "thea-hook.toml")


def test_the_three_files_have_an_order(folder: Path) -> None:
    toml(folder, '[tool.thea-hook]\nselect = ["curly"]', "pyproject.toml")
    assert settings(folder).select == ("curly",)
    toml(folder, json.dumps({"name": "x", "thea-hook": {"select": ["eqeqeq"]}}), "package.json")
    assert settings(folder).select == ("eqeqeq",)
    toml(folder, 'select = ["no-var"]')
    assert settings(folder).select == ("no-var",)


def test_project_files_that_only_mention_the_name_are_passed_by(folder: Path) -> None:
    toml(folder, 'select = ["no-var"]')
    toml(folder, json.dumps({"scripts": {"lint": "thea-hook"}}), "sub/package.json")
    toml(folder, '[project]\ndependencies = ["thea-hook"]', "sub/pyproject.toml")
    assert settings(folder, "sub/a.js").select == ("no-var",)


def test_the_search_ends_at_the_top_of_the_repository(folder: Path) -> None:
    toml(folder.parent, 'select = ["no-var"]')
    assert settings(folder).source is None


def test_a_named_file_holds_for_everything(folder: Path) -> None:
    toml(folder, 'select = ["style"]', "sub/thea-hook.toml")
    toml(folder, 'select = ["curly"]\nexclude = ["gen"]', "etc/lint.toml")
    configuration = load(folder, config_file="etc/lint.toml")
    assert configuration.settings("sub/a.js").select == ("curly",)
    assert configuration.excluded("gen/a.js")
    assert load(folder, environ={"THEA_CONFIG": "etc/lint.toml"}).settings("sub/a.js").select == ("curly",)


def test_a_named_file_must_exist(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"no such configuration file: .*nope\.toml"):
        load(folder, config_file="nope.toml")


def test_isolated_reads_no_file(folder: Path) -> None:
    toml(folder, 'select = ["style"]')
    assert load(folder, isolated=True, environ={"THEA_CONFIG": "thea-hook.toml"}).settings("a.js").source is None


def test_a_file_may_extend_others(folder: Path) -> None:
    toml(folder, 'select = ["style"]\nworkers = 4\n[rules.curly]\nseverity = "error"\nmulti = true', "shared/base.toml")
    toml(folder, 'extends = "base.toml"\nextend-select = ["no-var"]\ncache-dir = "kept"', "shared/more.toml")
    toml(folder, 'extends = ["shared/more.toml"]\nextend-select = ["eqeqeq"]\n[rules.curly]\nseverity = "info"')
    found = settings(folder)
    assert (found.select, found.workers) == (("style",), 4)
    assert found.extend_select == ("curly", "no-var", "eqeqeq", "curly")
    assert found.severities == {"curly": Severity.INFO}
    assert found.rule_options == {"curly": {"multi": True}}
    assert found.cache_dir == str(folder / "kept")


def test_extending_in_a_circle_or_into_nothing_is_an_error(folder: Path) -> None:
    toml(folder, 'extends = "b.toml"')
    toml(folder, 'workers = 1\nextends = "thea-hook.toml"', "b.toml")
    with pytest.raises(ConfigError, match=r"b\.toml:2: `extends` goes round in a circle"):
        settings(folder)
    toml(folder, 'extends = "c.toml"')
    with pytest.raises(ConfigError, match=r"thea-hook\.toml:1: `extends` names a file that does not exist: c\.toml"):
        settings(folder)


def test_files_that_extend_more_and_more_are_an_error(folder: Path) -> None:
    for number in range(30):
        toml(folder, f'extends = ["{number + 1}.toml", "{number + 1}.toml"]', f"{number}.toml")
    toml(folder, "workers = 1", "30.toml")
    toml(folder, 'extends = "0.toml"')
    with pytest.raises(ConfigError, match=r"\.toml:1: `extends` leads to more than 100 files"):
        settings(folder)


@pytest.mark.parametrize("text", ["a = " + "[" * 100_000 + "]" * 100_000, "a = " + "{b=" * 100_000])
def test_a_file_that_is_nested_too_deeply_is_an_error(folder: Path, text: str) -> None:
    toml(folder, text)
    with pytest.raises(ConfigError, match=r"thea-hook\.toml: "):
        settings(folder)


@pytest.mark.parametrize("key", ["extends", "model-path", "cache-dir", "output-format"])
def test_a_name_that_no_file_can_have_is_an_error(folder: Path, key: str) -> None:
    toml(folder, f'{key} = "json:a\\u0000b"')
    with pytest.raises(ConfigError, match=rf"thea-hook\.toml:1: `{key}` has a null character"):
        settings(folder)


def test_an_error_in_an_extended_file_names_that_file(folder: Path) -> None:
    toml(folder, 'select = ["style"]\nignore = ["no-vra"]', "base.toml")
    toml(folder, 'extends = "base.toml"')
    with pytest.raises(ConfigError, match=r"base\.toml:2: `ignore`: there is no rule or category `no-vra`"):
        settings(folder)


def test_a_byte_order_mark_is_no_part_of_a_file(folder: Path) -> None:
    (folder / "thea-hook.toml").write_bytes(b'\xef\xbb\xbfselect = ["style"]')
    assert settings(folder).select == ("style",)
    (folder / "thea-hook.toml").unlink()
    (folder / "package.json").write_bytes(b'\xef\xbb\xbf{"thea-hook": {"select": ["curly"]}}')
    assert settings(folder).select == ("curly",)


# ------------------------------------------------------------------ what a nested file may say

RUN_WIDE = {
    "preset": '"edge"', "workers": "3", "cache-dir": '"kept"', "output-format": '"json"', "respect-gitignore": "false",
    "force-exclude": "true", "backend": '"torch"', "model-path": '"models"', "device": '"cpu"',
    "context-length": "64", "budget": '"10/2"',
}  # fmt: skip


def test_every_key_of_the_run_is_tried_below() -> None:
    assert RUN_WIDE.keys() == set(config_keys.RUN_WIDE)


@pytest.mark.parametrize("key", RUN_WIDE)
def test_a_nested_file_has_no_say_in_what_concerns_the_run(folder: Path, key: str) -> None:
    place = toml(folder, f'select = ["style"]\n{key} = {RUN_WIDE[key]}', "packages/a/thea-hook.toml")
    configuration = load(folder)
    nested = configuration.settings("packages/a/x.js")
    assert nested._replace(root="", source=None, select=()) == configuration.project()._replace(
        root="", select=(), assumed_env=nested.assumed_env
    )
    assert nested.select == ("style",)
    assert configuration.ignored == [f"{place}:2: `{key}`"]


def test_the_file_of_the_run_may_say_all_of_it_and_holds_for_nested_files(folder: Path) -> None:
    toml(folder, "".join(f"{key} = {value}\n" for key, value in RUN_WIDE.items()))
    toml(folder, 'extends = "../../thea-hook.toml"\nselect = ["style"]', "packages/a/thea-hook.toml")
    configuration = load(folder)
    run, nested = configuration.project(), configuration.settings("packages/a/x.js")
    assert (run.workers, run.backend, run.context_length, run.model_path) == (3, "torch", 64, str(folder / "models"))
    assert nested == run._replace(root=nested.root, source=nested.source, select=("style",))
    assert configuration.ignored == [], "what is extended is not said in vain"


def test_the_file_of_the_working_folder_is_that_of_the_run(folder: Path) -> None:
    toml(folder, "workers = 3")
    toml(folder, "workers = 5", "packages/a/thea-hook.toml")
    configuration = load(folder / "packages/a")
    assert (configuration.project().workers, configuration.settings("../../x.js").workers) == (5, 5)
    assert configuration.ignored == []
    assert load(folder / "packages").settings("a/x.js").workers == 3


def test_a_nested_file_can_do_without_models_but_not_ask_for_them(folder: Path) -> None:
    toml(folder, 'models = ["none"]', "packages/a/thea-hook.toml")
    toml(folder, 'models = ["all"]', "packages/b/thea-hook.toml")
    configuration = load(folder)
    assert configuration.settings("packages/a/x.js").models == ("none",)
    toml(folder, 'models = ["none"]')
    configuration = load(folder)
    assert configuration.settings("packages/b/x.js").models == ("none",)


def test_flags_and_a_named_file_outrank_nested_files(folder: Path) -> None:
    toml(folder, 'select = ["style"]\nconfidence = 0.1', "packages/a/thea-hook.toml")
    toml(folder, 'select = ["curly"]', "etc/lint.toml")
    flagged = load(folder, flags={"select": ["no-var"], "workers": 2}).settings("packages/a/x.js")
    assert (flagged.select, flagged.workers, flagged.confidence) == (("no-var",), 2, 0.1)
    named = load(folder, config_file="etc/lint.toml").settings("packages/a/x.js")
    assert (named.select, named.confidence) == (("curly",), 0.5)
    assert load(folder, isolated=True).settings("packages/a/x.js").source is None


@pytest.mark.parametrize("excluded", ["node_modules/x", "vendor/deep/x"])
def test_a_folder_that_is_left_out_cannot_bring_itself_back_in(folder: Path, excluded: str) -> None:
    toml(folder, 'extend-exclude = ["vendor"]')
    toml(folder, "exclude = []", f"{excluded}/thea-hook.toml")
    toml(folder, "this is no TOML", f"{excluded}/lib/thea-hook.toml")
    configuration = load(folder)
    assert configuration.excluded(f"{excluded}/lib/a.js")
    assert configuration.settings(f"{excluded}/lib/a.js") == configuration.settings("a.js")


def test_who_works_in_a_folder_that_is_left_out_above_is_not_kept_from_it(folder: Path) -> None:
    toml(folder, 'extend-exclude = ["vendor"]')
    toml(folder, 'select = ["style"]', "vendor/x/thea-hook.toml")
    configuration = load(folder / "vendor/x")
    assert configuration.settings("a.js").select == ("style",)
    assert not configuration.excluded("a.js")


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('extends = "../outside.toml"', "extends"),
        ('extends = "/dev/zero"', "extends"),
        ('extends = "~/outside.toml"', "extends"),
        ('cache-dir = "../kept"', "cache-dir"),
        ('cache-dir = "~"', "cache-dir"),
        ('model-path = "../models"', "model-path"),
        ('output-format = ["full", "json:../report.json"]', "output-format"),
        ('output-format = "diff:.git/config"', "output-format"),
        ('output-format = "json:link/report.json"', "output-format"),
    ],
)
def test_no_path_in_a_file_of_the_project_leads_out_of_it(folder: Path, line: str, key: str) -> None:
    (folder / "link").symlink_to(folder.parent)
    (folder.parent / "outside.toml").write_text('select = ["style"]')
    place = toml(folder, f"confidence = 0.5\n{line}")
    with pytest.raises(ConfigError, match=rf"{place}:2: `{key}` leads out of the project"):
        load(folder).project()


def test_whoever_names_a_file_may_name_any_path(folder: Path) -> None:
    toml(folder.parent, 'select = ["style"]\ncache-dir = "../kept"', "outside.toml")
    toml(folder.parent, 'extends = "outside.toml"\noutput-format = "json:../report.json"', "lint.toml")
    found = load(folder, config_file="../lint.toml").project()
    assert (found.select, found.output_format) == (("style",), ("json:../report.json",))
    flags = {"cache-dir": "../kept", "model-path": "../models", "output-format": ["json:../report.json"]}
    assert load(folder, flags=flags).project().cache_dir == str(folder.parent / "kept")


def test_a_package_may_extend_any_file_of_its_repository(folder: Path) -> None:
    toml(folder, 'select = ["style"]', "shared/base.toml")
    toml(folder, 'extends = "../../shared/base.toml"', "packages/a/thea-hook.toml")
    assert load(folder / "packages/a").project().select == ("style",)


# ------------------------------------------------------------------ which value


def test_preset_then_file_then_variables_then_flags(folder: Path) -> None:
    toml(folder, 'preset = "edge"')
    assert (settings(folder).workers, settings(folder).confidence, settings(folder).device) == (2, 0.95, "cpu")
    toml(folder, 'preset = "edge"\nworkers = 5\nconfidence = 0.6')
    assert (settings(folder).workers, settings(folder).confidence) == (5, 0.6)
    variables = {"THEA_MAX_WORKERS": "6", "THEA_CONFIDENCE_THRESHOLD": "0.7"}
    assert load(folder, environ=variables).project().workers == 6
    both = load(folder, flags={"workers": 7}, environ=variables).project()
    assert (both.workers, both.confidence, both.context_length) == (7, 0.7, 2_048)


def test_a_preset_of_the_command_line_is_below_the_file(folder: Path) -> None:
    toml(folder, "workers = 5")
    found = load(folder, flags={"preset": "production"}).project()
    assert (found.preset, found.workers, found.context_length) == ("production", 5, 32_768)


def test_every_variable_counts(folder: Path) -> None:
    found = load(
        folder,
        environ={
            "THEA_MODEL_PATH": "togethercomputer/m2-bert-80M-32k-retrieval",
            "THEA_CONTEXT_LENGTH": "4096",
            "THEA_CACHE_DIR": "cache",
            "THEA_OUTPUT_FORMAT": "github, sarif:out.sarif",
        },
    ).project()
    assert found.model_path == "togethercomputer/m2-bert-80M-32k-retrieval"
    assert found.context_length == 4096
    assert found.cache_dir == str(folder / "cache")
    assert found.output_format == ("github", "sarif:out.sarif")


def test_a_variable_that_is_no_number_is_named(folder: Path) -> None:
    with pytest.raises(ConfigError, match="THEA_MAX_WORKERS: `many` is not a number"):
        load(folder, environ={"THEA_MAX_WORKERS": "many"})


def test_selecting_on_the_command_line_voids_the_selection_of_the_file(folder: Path) -> None:
    toml(folder, 'extend-select = ["curly"]\nignore = ["no-var"]\n[rules.eqeqeq]\nseverity = "info"')
    found = load(folder, flags={"select": ["no-var"]}).settings("a.js")
    assert (found.select, found.extend_select, found.ignore, found.extend_ignore) == (("no-var",), (), (), ())
    assert found.severities == {"eqeqeq": Severity.INFO}, "how a rule is reported is not a selection"
    extended = load(folder, flags={"extend-select": ["style"]}).settings("a.js")
    assert (extended.extend_select, extended.ignore) == (("curly", "eqeqeq", "style"), ("no-var",))


def test_a_severity_selects_a_rule_and_off_ignores_it(folder: Path) -> None:
    toml(folder, '[rules]\nno-var = "off"\ncurly = "warning"\n[rules.eqeqeq]\nnull = "ignore"')
    found = settings(folder)
    assert (found.extend_select, found.extend_ignore) == (("curly",), ("no-var",))
    assert found.severities == {"curly": Severity.WARNING}
    assert found.rule_options == {"eqeqeq": {"null": "ignore"}}


def test_overrides_hold_for_the_files_they_name(folder: Path) -> None:
    toml(
        folder,
        """
        select = ["recommended"]
        env = ["browser"]
        [[overrides]]
        files = ["**/*.test.ts", "tests/"]
        extend-select = ["curly"]
        env = ["jest"]
        [[overrides]]
        files = ["*.ts"]
        select = ["style"]
        rules.eqeqeq = {severity = "error", null = "ignore"}
        globals = {describe = "readonly"}
        """,
    )
    configuration = load(folder)
    assert configuration.settings("a.js").env == ("browser",)
    test = configuration.settings("src/a.test.ts")
    assert (test.select, test.env, test.globals) == (("style",), ("jest",), {"describe": "readonly"})
    assert test.extend_select == ("curly", "eqeqeq")
    assert configuration.settings("tests/deep/a.js").env == ("jest",)
    assert configuration.settings("src/b.test.ts") is test, "one object for all files with the same settings"


def test_globs_are_relative_to_the_configuration_file(folder: Path) -> None:
    toml(folder, '[per-file-ignores]\n"src/*.js" = ["no-var"]', "pkg/thea-hook.toml")
    configuration = load(folder)
    assert configuration.settings("pkg/src/a.js").exempt == ("no-var",)
    assert configuration.settings("pkg/other/src/a.js").exempt == ()


def test_per_file_ignores_outlive_a_selection_by_flag(folder: Path) -> None:
    toml(folder, '[per-file-ignores]\n"*.test.js" = ["no-var"]\n"legacy/" = ["style"]')
    configuration = load(folder, flags={"select": ["no-var"]})
    assert configuration.settings("a.test.js").exempt == ("no-var",)
    assert configuration.settings("legacy/a.test.js").exempt == ("no-var", "style")
    assert configuration.settings("a.js").exempt == ()


# ------------------------------------------------------------------ excludes


def test_the_usual_folders_are_excluded_at_any_depth(folder: Path) -> None:
    configuration = load(folder)
    for path in (
        "node_modules/x/a.js",
        "pkg/dist/a.js",
        "build/a.js",
        "coverage/a.js",
        "lib/jquery.min.js",
        ".pnp.cjs",
    ):
        assert configuration.excluded(path), path
    for path in ("src/a.js", "src/builder.js", "distribution/a.js", "minimal.js"):
        assert not configuration.excluded(path), path


def test_a_folder_above_the_project_does_not_exclude_it(tmp_path: Path) -> None:
    project = tmp_path / "build/project"
    (project / ".git").mkdir(parents=True)
    configuration = load(project)
    assert not configuration.excluded("a.js")
    assert not configuration.excluded(str(project / "src/a.js"))


def test_exclude_replaces_the_defaults_and_extend_exclude_adds(folder: Path) -> None:
    toml(folder, 'extend-exclude = ["gen/**", "!gen/keep.js"]')
    configuration = load(folder)
    assert configuration.excluded("gen/a.js")
    assert not configuration.excluded("gen/keep.js")
    assert configuration.excluded("dist/a.js")
    assert configuration.project().exclude == DEFAULT_EXCLUDE
    assert not load(folder, flags={"exclude": ["lib"]}).excluded("dist/a.js")


def test_a_file_outside_of_the_project_is_matched_by_what_is_not_shared(folder: Path) -> None:
    configuration = load(folder, config_file=str(toml(folder, "")))
    assert configuration.excluded("../other/dist/a.js")
    assert not configuration.excluded("../other/src/a.js")


# ------------------------------------------------------------------ errors


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("workers = 2\nselct = []", r"thea-hook\.toml:2: unknown key `selct`\. Did you mean `select`\?"),
        ('per-file-ignore = {"a" = []}', r":1: unknown key `per-file-ignore`\. Did you mean `per-file-ignores`\?"),
        ('select = "no-var"', r":1: `select` must be a list of strings, not a string"),
        ("ignore = [1]", r":1: `ignore` must be a list of strings, not a list"),
        ('workers = "2"', r":1: `workers` must be a whole number from 0 to 256, not '2'"),
        ("workers = true", r"`workers` must be a whole number from 0 to 256, not True"),
        ("workers = -1", r"`workers` must be a whole number"),
        ("confidence = 2", r"`confidence` must be a number from 0 to 1, not 2"),
        ("force-exclude = 1", r"`force-exclude` must be true or false, not a number"),
        ('preset = "edgy"', r"`preset` must be one of development, production, edge, not .edgy.\. Did you mean `edge`"),
        ('device = "gpu"', r"`device` must be one of auto, cpu"),
        ("cache-dir = 1", r"`cache-dir` must be a string, not a number"),
        ("output-format = 1", r"`output-format` must be a list of strings, not a number"),
        ("rules = 1", r"`rules` must be a table, not a number"),
        ('[rules]\nno-var = "fatal"', r":2: `no-var` must be one of error, warning, info, off, not 'fatal'"),
        ('[rules.no-var]\nseverity = "eror"', r":2: `no-var.severity` must be one of .* Did you mean `error`\?"),
        ("rules.no-var = 2", r"`no-var` must be one of error, warning, info, off, not 2"),
        ('globals.x = "yes"', r"`globals\.x` must be one of readonly, writable, off, not 'yes'"),
        ("overrides = 1", r"`overrides` must be a list of tables"),
        ("[[overrides]]\nselect = []", r"`overrides.files` must be a list of strings, not nothing"),
        ('[[overrides]]\nfiles = ["*"]\nworkers = 2', r":3: `workers` cannot differ by file; `overrides` takes select"),
        ('[[overrides]]\nfiles = ["*"]\nselekt = []', r":3: unknown key `selekt`\. Did you mean `select`\?"),
        ('per-file-ignores = ["a"]', r"`per-file-ignores` must be a table of globs"),
        ('[per-file-ignores]\n"a.js" = "no-var"', r":2: `a\.js` must be a list of strings, not a string"),
        ('select = ["no-vra"]', r":1: `select`: there is no rule or category `no-vra`\. Did you mean `no-var`\?"),
        ('env = ["node", "bowser"]', r":1: `env`: there is no environment `bowser`\. Did you mean `browser`\?"),
        ('unfixable = ["stile"]', r":1: `unfixable`: there is no rule or category `stile`\. Did you mean `style`\?"),
        ('[rules]\nno-varr = "off"', r":2: `.*`: there is no rule or category `no-varr`\. Did you mean `no-var`\?"),
        ('[rules.eqeq]\nnull = 1', r":1: `rules`: there is no rule or category `eqeq`\. Did you mean `eqeqeq`\?"),
        ('[per-file-ignores]\n"*" = ["nope"]', r":2: `per-file-ignores`: there is no rule or category `nope`"),
        ('[[overrides]]\nfiles = ["*"]\nignore = ["no-vra"]', r":3: `ignore`: there is no rule or category `no-vra`"),
        ("workers = ", r"thea-hook\.toml: Invalid value"),
        ('required-version = "latest"', r"`required-version` must read like `>=0\.2,<1`, not `latest`"),
        ('required-version = ">=99"', r"this is thea-hook .*, the project requires >=99"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_an_error_that_says_where_and_what(folder: Path, text: str, message: str) -> None:
    toml(folder, text)
    with pytest.raises(ConfigError, match=message):
        settings(folder)


def test_errors_in_package_json_have_lines_too(folder: Path) -> None:
    toml(folder, '{\n  "name": "x",\n  "thea-hook": {\n    "workerz": 2\n  }\n}', "package.json")
    with pytest.raises(ConfigError, match=r"package\.json:4: unknown key `workerz`\. Did you mean `workers`\?"):
        settings(folder)
    toml(folder, '{"thea-hook": {', "package.json")
    with pytest.raises(ConfigError, match=r"package\.json: Expecting property name"):
        settings(folder)


def test_a_file_that_is_not_utf8_is_an_error(folder: Path) -> None:
    (folder / "thea-hook.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match=r"thea-hook\.toml: not UTF-8"):
        settings(folder)


def test_flags_are_checked_like_the_file(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"command line: `select`: there is no rule or category `no-vra`"):
        load(folder, flags={"select": ["no-vra"]})
    with pytest.raises(ConfigError, match=r"command line: `confidence` must be a number from 0 to 1"):
        load(folder, flags={"confidence": 1.5})


def test_rules_are_not_loaded_where_none_is_named(folder: Path) -> None:
    def refuse() -> tuple[str, ...]:
        raise AssertionError("loaded")

    toml(folder, "workers = 2")
    Configuration.load(str(folder), known_rules=refuse, flags={"workers": 3}, environ={}).settings("a.js")


@pytest.mark.parametrize("required", ["0.1.0", "==0.1.0", ">=0.1", ">=0.1,<1", "!=0.2", "<=0.1.0", ">0.0.9"])
def test_a_version_that_satisfies_is_accepted(folder: Path, monkeypatch: pytest.MonkeyPatch, required: str) -> None:
    monkeypatch.setattr("thea_hook.config_file.__version__", "0.1.0")
    toml(folder, f'required-version = "{required}"')
    assert settings(folder).required_version == required


# ------------------------------------------------------------------ the documentation

DOCUMENTATION = Path(__file__).parent.parent / "docs/configuration.md"


def test_every_key_variable_preset_and_exclude_is_documented() -> None:
    words = set(re.findall(r"`([^`\n]+)`", DOCUMENTATION.read_text(encoding="utf-8")))
    documented = {word.partition(".<")[0].partition('."')[0] for word in words} | words
    expected = {*config_keys.KEYS, *config_keys.STRUCTURE, *config_file.VARIABLES, *PRESETS, *DEFAULT_EXCLUDE}
    assert expected <= documented


def test_the_example_of_the_documentation_is_a_valid_file(folder: Path) -> None:
    example = DOCUMENTATION.read_text(encoding="utf-8").partition("```toml\n")[2].partition("```")[0]
    toml(folder, example)
    known = {*KNOWN, "no-empty", "no-undef"}
    found = Configuration.load(str(folder), known_rules=lambda: known, environ={}).settings("tests/a.js")
    assert (found.env, found.rule_options) == (("jest",), {"eqeqeq": {"null": "ignore"}})


# ------------------------------------------------------------------ the value


def test_what_cannot_change_findings_is_not_in_the_digest(folder: Path) -> None:
    base = Settings("/a")
    assert base.digest == Settings("/b", workers=4, exclude=(), output_format=("json",), cache_dir="x").digest
    for other in (
        Settings("/a", select=("style",)),
        Settings("/a", ignore=("style",)),
        Settings("/a", severities={"no-var": Severity.INFO}),
        Settings("/a", rule_options={"curly": {"multi": True}}),
        Settings("/a", globals={"x": "off"}),
        Settings("/a", env=("node",)),
        Settings("/a", eslint_directives=False),
        Settings("/a", confidence=0.9),
    ):
        assert other.digest != base.digest, other


def test_the_order_of_tables_is_not_in_the_digest() -> None:
    first = Settings("/a", rule_options={"a": {"x": 1, "y": [{"p": 1, "q": 2}]}, "b": {}})
    second = Settings("/a", rule_options={"b": {}, "a": {"y": [{"q": 2, "p": 1}], "x": 1}})
    assert first.digest == second.digest


def test_settings_are_shown_under_the_keys_of_the_file(folder: Path) -> None:
    toml(
        folder, 'extend-exclude = ["gen"]\n[rules.curly]\nseverity = "error"\nmulti = true\n[rules.eqeqeq]\nnull = "x"'
    )
    shown = settings(folder).as_dict()
    assert shown["extend-exclude"] == ["gen"]
    assert shown["rules"] == {"curly": {"severity": "error", "multi": True}, "eqeqeq": {"null": "x"}}
    json.dumps(shown)
