"""The teacher that a set of settings asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from thea_hook.settings import Settings
from thea_hook.teacher.base import BackendName, TeacherSettings

if TYPE_CHECKING:
    from thea_hook.teacher.advice import Adviser


def teacher_settings(settings: Settings) -> TeacherSettings:
    """What the settings of a run say about the teacher."""
    return TeacherSettings(
        backend=cast(BackendName, settings.teacher),
        url=settings.teacher_url,
        model=settings.teacher_model,
        timeout=settings.teacher_timeout,
        context=settings.teacher_context,
        questions=settings.teacher_questions,
        allow_remote=settings.teacher_remote,
        remote_host=settings.teacher_host,
    )


def adviser_for(settings: Settings) -> Adviser:
    """The teacher of a run. Nothing is contacted before it is asked."""
    from thea_hook.teacher.advice import Adviser
    from thea_hook.teacher.teacher import Teacher

    return Adviser(Teacher(teacher_settings(settings)))


def announcement(settings: Settings, *, asks_linters: bool = False) -> str:
    """What is sent where, for the user to read once before it is. Raises TeacherError for an address that is none, and
    for a model that is not on the server it names."""
    from thea_hook.teacher.guard import check_address, refuse_cloud

    chosen = teacher_settings(settings)
    refuse_cloud(chosen.model)
    check_address(chosen)
    also = "and of what --with finds and nothing mends, " if asks_linters else ""
    remote = chosen.allow_remote and bool(chosen.remote_host)
    where = (
        f", not on this machine{'' if chosen.address.startswith('https:') else ' and unencrypted'}" if remote else ""
    )
    return (
        f"the teacher is on: of a file that no model mends, {also}the lines around the error go to {chosen.model} at "
        f"{chosen.address}{where}; what looks like a secret is hidden"
    )
