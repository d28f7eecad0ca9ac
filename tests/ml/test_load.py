"""Which models settings ask for, and what happens where they cannot run."""

from __future__ import annotations

import json
import shutil
from hashlib import sha256
from pathlib import Path

import pytest
from test_controller import weights

from thea_hook.budget import Allowance, current, spending
from thea_hook.checking import Checker
from thea_hook.core.patch import apply_edits
from thea_hook.core.routing import Outcome, Routing
from thea_hook.core.source import SourceFile
from thea_hook.errors import ModelError
from thea_hook.languages.oracle import judge
from thea_hook.ml import SHIPPED
from thea_hook.ml.load import LazyMender, mender_for
from thea_hook.settings import Settings

BROKEN = SourceFile("a.js", b"f(a;\n", "javascript")


def settings(folder: Path, **changes: object) -> Settings:
    return Settings(root=".", model_path=str(folder))._replace(**changes)  # type: ignore[arg-type]


def test_no_model_is_loaded_where_none_is_wanted(tmp_path: Path) -> None:
    assert mender_for(settings(tmp_path, models=("none",))) is None


def test_a_folder_without_models_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"model-path: .* has no manifest\.json"):
        mender_for(settings(tmp_path))


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        ("no json", "is not JSON"),
        (json.dumps({"format": 99}), "reads weights of format 1, not 99"),
        (json.dumps({"format": 1, "models": {}}), "has no model `tagger`"),
    ],
)
def test_a_damaged_folder_mends_nothing_and_the_reason_is_kept(tmp_path: Path, manifest: str, reason: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest)
    mender = mender_for(settings(tmp_path))
    assert mender is not None
    assert mender.mend(BROKEN, judge([BROKEN])[0]) is None
    assert reason in mender.failure
    assert mender.mend(BROKEN, judge([BROKEN])[0]) is None


def test_whoever_asks_hears_why_no_model_could_be_asked(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("no json")
    heard: list[Routing] = []
    mender = mender_for(settings(tmp_path), heard.append)
    assert mender is not None
    for _ in range(2):
        assert mender.mend(BROKEN, judge([BROKEN])[0]) is None
    assert [routing.reason for routing in heard] == ["no model could be asked"] * 2
    assert [attempt[:3] for routing in heard for attempt in routing.attempts] == [
        ("tagger", Outcome.FAILED, mender.failure)
    ] * 2
    assert not heard[0].is_final


def test_the_run_has_a_say_where_it_is_asked_for_and_the_weights_have_it(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path, dirs_exist_ok=True)
    manifest = json.loads((tmp_path / "manifest.json").read_text("utf-8"))
    content = json.dumps(weights()).encode()
    (tmp_path / "controller.json").write_bytes(content)
    entry = {"file": "controller.json", "bytes": len(content), "sha256": sha256(content).hexdigest()}
    for models, controller, asked in (
        (("tagger", "liquid"), entry, ["tagger", "liquid"]),
        (("tagger", "liquid"), None, ["tagger"]),
        (("tagger",), entry, ["tagger"]),
    ):
        files = manifest["models"]["tagger"]["files"]
        files.pop("controller", None)
        if controller:
            files["controller"] = controller
        (tmp_path / "manifest.json").write_text(json.dumps(manifest), "utf-8")
        heard: list[Routing] = []
        mender = mender_for(settings(tmp_path, models=models), heard.append)
        assert mender is not None
        assert mender.mend(BROKEN, judge([BROKEN])[0]) is not None
        assert [attempt.architecture for attempt in heard[0].attempts] == asked


def test_where_the_time_is_over_no_model_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("no json")
    heard: list[Routing] = []
    mender = mender_for(settings(tmp_path), heard.append)
    assert mender is not None
    with spending(Allowance(0, 0)):
        assert mender.mend(BROKEN, judge([BROKEN])[0]) is None
    assert (mender.failure, [routing.in_time for routing in heard]) == ("", [False])


def test_the_time_of_a_model_is_spent_also_where_it_fails(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("no json")
    mender = mender_for(settings(tmp_path))
    assert mender is not None
    with spending(Allowance(100, 100)):
        mender.mend(BROKEN, judge([BROKEN])[0])
        assert 0 < current().left < 100


def test_a_check_with_damaged_models_still_reports_the_error(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("no json")
    found = Checker(settings(tmp_path)).check(BROKEN).findings
    assert [(finding.rule_id, finding.fix) for finding in found] == [("syntax-error", None)]


def test_other_weights_are_another_version(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    first = LazyMender(str(tmp_path), settings(tmp_path)).version
    (tmp_path / "manifest.json").write_text("{} ")
    assert LazyMender(str(tmp_path), settings(tmp_path)).version != first != ""


def test_weights_of_another_vocabulary_are_refused(tmp_path: Path) -> None:
    shipped = Path(SHIPPED)
    manifest = json.loads((shipped / "manifest.json").read_text())
    manifest["models"]["tagger"]["config"]["tags"] += 1
    for file in shipped.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    mender = mender_for(settings(tmp_path))
    assert mender is not None
    assert mender.mend(BROKEN, judge([BROKEN])[0]) is None
    assert "another vocabulary" in mender.failure


def test_the_shipped_models_mend_a_text() -> None:
    mender = mender_for(Settings(root="."))
    assert mender is not None
    mended = mender.mend(BROKEN, judge([BROKEN])[0])
    assert mended is not None, mender.failure
    assert apply_edits(BROKEN.text, mended.fix.edits) == b"f(a);\n"
