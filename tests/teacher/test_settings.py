"""Who may say that code leaves the process, and where it goes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from thea_hook.config import Configuration
from thea_hook.config_keys import USERS_OWN
from thea_hook.errors import ConfigError, TheaError
from thea_hook.settings import Settings
from thea_hook.teacher.base import BACKENDS, DEFAULT_MODEL, TeacherSettings
from thea_hook.teacher.load import announcement, teacher_settings

VALUES = {
    "teacher": '"ollama"', "teacher-url": '"http://127.0.0.1:1"', "teacher-model": '"m"', "teacher-timeout": "5",
    "teacher-context": "4096", "teacher-questions": "9", "teacher-remote": "true", "teacher-host": '"gpu.test"',
}  # fmt: skip


def load(
    folder: Path,
    flags: Mapping[str, object] | None = None,
    environ: Mapping[str, str] | None = None,
    config: str | None = None,
) -> Settings:
    configuration = Configuration.load(
        str(folder), flags=flags, environ=environ or {}, config_file=config, known_rules=frozenset
    )
    configuration.settings("packages/a/x.js")
    return configuration.project()


def test_the_teacher_is_off_unless_configured(project: Path) -> None:
    assert teacher_settings(load(project)) == TeacherSettings(questions=20)
    assert (TeacherSettings().backend, TeacherSettings().model) == ("off", DEFAULT_MODEL)


def test_every_key_of_the_user_is_tried_below() -> None:
    assert VALUES.keys() == {key for key in USERS_OWN if key.startswith("teacher")}


@pytest.mark.parametrize(
    "place", ["thea-hook.toml", "pyproject.toml", "package.json", "packages/a/thea-hook.toml", "base.toml"]
)
@pytest.mark.parametrize("key", VALUES)
def test_no_file_of_a_project_has_a_say(project: Path, key: str, place: str) -> None:
    file = project / place
    file.parent.mkdir(parents=True, exist_ok=True)
    line = f"{key} = {VALUES[key]}\n"
    if place == "package.json":
        line = f'{{"thea-hook": {{"{key}": {VALUES[key]}}}}}'
    elif place == "pyproject.toml":
        line = f"[tool.thea-hook]\n{line}"
    elif place == "base.toml":
        (project / "thea-hook.toml").write_text('extends = "base.toml"\n')
    file.write_text(line)
    with pytest.raises(ConfigError, match=f"{key}"):
        load(project)


@pytest.mark.parametrize("key", VALUES)
def test_no_override_has_a_say(project: Path, key: str) -> None:
    (project / "thea-hook.toml").write_text(f'[[overrides]]\nfiles = ["*.js"]\n{key} = {VALUES[key]}\n')
    with pytest.raises(ConfigError):
        load(project)


def test_flags_and_variables_have(project: Path) -> None:
    flags = {"teacher": "ollama", "teacher-url": "http://localhost:1", "teacher-model": "m", "teacher-remote": True}
    assert teacher_settings(load(project, flags)) == TeacherSettings(
        "ollama", "http://localhost:1", "m", questions=20, allow_remote=True
    )
    environ = {
        "THEA_TEACHER": "openai",
        "THEA_TEACHER_URL": "http://localhost:2/v1",
        "THEA_TEACHER_MODEL": "n",
        "THEA_TEACHER_REMOTE": "gpu.test",
    }
    assert teacher_settings(load(project, environ=environ)) == TeacherSettings(
        "openai", "http://localhost:2/v1", "n", questions=20, remote_host="gpu.test"
    )


def test_a_file_that_was_named_has_but_not_about_other_machines(project: Path) -> None:
    (project / "mine.toml").write_text('teacher = "ollama"\nteacher-model = "m"\n')
    assert load(project, config="mine.toml").teacher_model == "m"
    for key in ("teacher-remote", "teacher-host"):
        (project / "mine.toml").write_text(f"{key} = {VALUES[key]}\n")
        with pytest.raises(ConfigError, match="nothing for a file"):
            load(project, config="mine.toml")


HOOK = {"PRE_COMMIT": "1"}


@pytest.mark.parametrize("key", ["teacher", "teacher-url", "teacher-model"])
def test_the_arguments_of_a_hook_have_not(project: Path, key: str) -> None:
    """They stand in ``.pre-commit-config.yaml``, a file of the project."""
    with pytest.raises(ConfigError, match=key.upper().replace("-", "_")):
        load(project, {key: "openai"}, HOOK)


def test_neither_has_a_file_that_they_name(project: Path) -> None:
    (project / "base.toml").write_text('teacher = "ollama"\n')
    (project / "mine.toml").write_text('extends = "base.toml"\n')
    for name in ("base.toml", "mine.toml"):
        with pytest.raises(ConfigError, match="`teacher` has no place"):
            load(project, environ=HOOK, config=name)
        assert load(project, environ={**HOOK, "THEA_CONFIG": name}).teacher == "ollama"


def test_the_variables_of_the_user_have_in_a_hook_too(project: Path) -> None:
    environ = {**HOOK, "THEA_TEACHER": "ollama", "THEA_TEACHER_REMOTE": "gpu.test"}
    assert load(project, {"teacher-remote": True}, environ).teacher == "ollama"
    assert load(project, {"teacher": "off"}, environ).teacher == "off"


def test_no_other_file_of_a_project_is_read(project: Path) -> None:
    for name in (".env", ".env.local", ".thea-hook.toml", ".vscode/settings.json", ".idea/thea-hook.xml", "setup.cfg"):
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(
            'THEA_TEACHER=ollama\n[thea-hook]\nteacher = "ollama"\n{"thea-hook.teacher": "ollama"}'
        )
    assert load(project).teacher == "off"


def test_the_two_switches_come_from_two_places(project: Path) -> None:
    with pytest.raises(ConfigError, match="THEA_TEACHER_REMOTE"):
        load(project, {"teacher-host": "gpu.test"})
    assert load(project, {"teacher-remote": True}).teacher_host == ""
    assert load(project, environ={"THEA_TEACHER_REMOTE": "gpu.test"}).teacher_remote is False


def test_the_kinds_of_teachers_are_the_same_everywhere() -> None:
    from thea_hook.config_keys import TEACHERS

    assert TEACHERS == BACKENDS


def test_the_user_is_told_what_is_sent_where() -> None:
    words = announcement(Settings("", teacher="ollama"))
    assert f"{DEFAULT_MODEL} at http://127.0.0.1:11434;" in words
    there = Settings(
        "", teacher="openai", teacher_url="http://gpu.test/v1", teacher_remote=True, teacher_host="gpu.test"
    )
    assert "not on this machine and unencrypted" in announcement(there)


@pytest.mark.parametrize(
    "more",
    [
        {"teacher_model": "glm-4.6:cloud"},
        {"teacher_url": "ftp://127.0.0.1"},
        {"teacher_url": "http://8.8.8.8:11434"},
        {"teacher_url": "http://[2001:db8::1]"},
        {"teacher_url": "http://me:secret@127.0.0.1"},
    ],
)
def test_what_will_never_be_asked_ends_the_run_before_it_begins(more: dict[str, str]) -> None:
    with pytest.raises(TheaError):
        announcement(Settings("", teacher="ollama", **more))  # type: ignore[arg-type]
