"""The teacher as everybody else asks it: a broken text goes in, candidates that passed verification come out."""

from __future__ import annotations

import math
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from threading import BoundedSemaphore
from typing import NamedTuple

from thea_hook.core.finding import Edit
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import SourceFile, Span
from thea_hook.languages.difference import edits_between
from thea_hook.languages.oracle import SyntaxProblem, judge
from thea_hook.ml.tasks import Candidate, Request
from thea_hook.ml.verify import verify
from thea_hook.teacher import confine, prompts
from thea_hook.teacher.base import Backend, Deadline, Message, TeacherError, TeacherSettings
from thea_hook.teacher.excerpt import Excerpt, excerpt_of, numbered, problems_of
from thea_hook.teacher.guard import endpoint_of, refuse_cloud
from thea_hook.teacher.lines import Shown
from thea_hook.teacher.redact import Redaction
from thea_hook.teacher.reply import read_reply
from thea_hook.teacher.transport import Transport

KEY_VARIABLE = "THEA_TEACHER_KEY"
"""The variable with the key of a server that wants one. No file and no flag can hold it."""

MOST_FAILURES = 2
"""After so many texts in a row without an answer nobody waits for a server any more."""

MOST_REPEATED = 4_000
"""Characters of an answer that are sent back with what speaks against it: more would push the question out."""

_LANGUAGES = {"javascript": "JavaScript", "typescript": "TypeScript", "tsx": "TypeScript with JSX"}


class Opinion(NamedTuple):
    """What came of asking: new candidates, why answers were refused, and how many secrets were hidden."""

    candidates: tuple[Candidate, ...]
    refusals: tuple[str, ...] = ()
    hidden: int = 0


Objection = Callable[[SourceFile, tuple[Edit, ...], Span], str]
"""What speaks against edits of a file within a span of it; empty where nothing does."""


class Task(NamedTuple):
    """A text, what is wrong with it, and who checks the answers. The last problem is the one that matters most."""

    file: SourceFile
    problems: tuple[SyntaxProblem, ...]
    purpose: prompts.Purpose
    objection: Objection
    deadline: float = math.inf


class _Question(NamedTuple):
    """A task, and what the teacher sees of it."""

    task: Task
    excerpt: Excerpt
    redaction: Redaction
    shown: Shown
    messages: tuple[Message, ...]


class Teacher:
    """A large model that the user wants asked. It is slow and may be wrong, so it is asked last; it never decides."""

    def __init__(
        self,
        settings: TeacherSettings,
        *,
        backend: Backend | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.settings = settings
        self.source = f"teacher:{settings.model}"
        self._given = backend
        self._environ = environ
        self._turns = BoundedSemaphore(max(1, settings.concurrency))
        self._questions = 0
        self._failures = 0
        self._failure: TeacherError | None = None

    def ask(self, request: Request) -> Opinion:
        """What the teacher would do about a text that does not parse. Raises TeacherError where there was no answer."""
        problems = problems_of(request.file, request.verdict)
        return self.propose(Task(request.file, problems, prompts.PARSING, _parses, request.deadline))

    def propose(self, task: Task) -> Opinion:
        """What the teacher would do about the problems of a text, as far as nothing speaks against it. Raises
        TeacherError where there was no answer."""
        if self._failure is not None:
            raise self._failure
        deadline = Deadline.within(self.settings.timeout, task.deadline)
        try:
            opinion = self._asked(task, deadline)
        except TeacherError as exc:
            self._take_down(exc)
            raise
        except Exception as exc:  # whatever a server does to us, the run goes on as if there were none
            raise TeacherError(f"the teacher could not be asked: {type(exc).__name__}", "output") from exc
        self._failures = 0
        return opinion

    @property
    def has_given_up(self) -> bool:
        """Whether every further question would fail as the last one did."""
        return self._failure is not None

    def check(self, seconds: float = 5.0) -> str:
        """Whether the teacher could be asked, in a few words; no code is sent. Raises TeacherError."""
        return self._backend.check(Deadline.within(seconds))

    # ------------------------------------------------------------ asking

    @cached_property
    def _backend(self) -> Backend:
        return self._given or _backend_of(self.settings, self._environ.get(KEY_VARIABLE, ""))

    def _asked(self, task: Task, deadline: Deadline) -> Opinion:
        question = self._question(task)
        refusals: list[str] = []
        if not self._turns.acquire(timeout=min(deadline.check(), 3600.0)):
            raise TeacherError("the teacher was busy with other questions all the time", "busy")
        try:
            messages = question.messages
            for _ in range(max(1, self.settings.rounds)):
                answer = self._answer(question, messages, deadline)
                text, refusal = _checked(question, answer)
                if text is not None:
                    candidate = Candidate(text, self.source)
                    return Opinion((candidate,), tuple(refusals), question.redaction.count(question.excerpt.span))
                refusals.append(refusal)
                if deadline.left <= 0:
                    break
                against = question.redaction.hide_in(refusal)  # a linter may have quoted the code
                messages = prompts.second_question(question.messages, answer[:MOST_REPEATED], against)
        except TeacherError:
            if not refusals:  # there was an answer, though no good one
                raise
        finally:
            self._turns.release()
        return Opinion((), tuple(refusals), question.redaction.count(question.excerpt.span))

    def _answer(self, question: _Question, messages: tuple[Message, ...], deadline: Deadline) -> str:
        rules, *asked = messages  # the rules are ours, and a secret that is one of their words is none
        sent = "\n".join(message.content for message in asked).encode("utf-8", "replace")
        if question.redaction.leaks(sent):
            raise TeacherError("the question would have held a secret, and was not sent", "input")
        if 0 < self.settings.questions <= self._questions:
            raise TeacherError(f"it was asked {self._questions} questions, as many as a run may ask", "enough")
        self._questions += 1
        return self._backend.complete((rules, *asked), deadline)

    def _question(self, task: Task) -> _Question:
        file = task.file
        room = prompts.room_for_code(self.settings.context, self.settings.answer) * 2 // 3
        excerpt = excerpt_of(file, task.problems, room)
        if excerpt is None:
            raise TeacherError("what is wrong does not fit into a question", "input")
        redaction = Redaction(file.text)
        if redaction.is_too_much:
            raise TeacherError("the file holds too many secrets", "input")
        try:
            shown = Shown.of(redaction.hide(excerpt.span).decode("utf-8"), excerpt.first_line)
        except UnicodeDecodeError as exc:
            raise TeacherError("the text is not UTF-8", "input") from exc
        messages = prompts.question(
            task.purpose,
            _LANGUAGES[file.language],
            numbered(shown.bare, shown.first),
            [_problem(file, redaction, place, words) for place, words, *_ in excerpt.problems],
            _declared(redaction, excerpt.declarations, room // 4),
            secrets.token_hex(4),
        )
        return _Question(task, excerpt, redaction, shown, messages)

    def _take_down(self, failure: TeacherError) -> None:
        """Remember a failure that the next question would meet again."""
        if failure.reason in ("off", "package", "refused", "model", "enough"):
            self._failure = failure
        elif failure.reason in ("unreachable", "busy", "timeout", "output"):
            self._failures += 1
            if self._failures >= MOST_FAILURES:
                self._failure = TeacherError(f"{failure}; it is not asked any more", failure.reason)


def _backend_of(settings: TeacherSettings, key: str) -> Backend:
    """The backend that the settings name. Raises TeacherError where it may not or cannot be used."""
    if settings.backend == "off":
        raise TeacherError("no teacher is configured", "off")
    refuse_cloud(settings.model)
    endpoint = endpoint_of(settings, Deadline.within(settings.timeout))
    headers = {"Authorization": f"Bearer {key}"} if key.isascii() and key.isprintable() and key else {}
    transport = Transport(endpoint, headers=headers, retries=settings.retries)
    if settings.backend == "ollama":
        from thea_hook.teacher.ollama import Ollama

        return Ollama(settings, transport)
    from thea_hook.teacher.openai import OpenAI

    return OpenAI(settings, transport)


# ------------------------------------------------------------------ the parts of a question


def _problem(file: SourceFile, redaction: Redaction, place: Span, words: str) -> str:
    line = file.text.count(b"\n", 0, place.start) + 1
    return f"line {line}: {redaction.hide_in(words)[:200]}"


def _declared(redaction: Redaction, places: Sequence[Span], room: int) -> list[str]:
    """The declarations that fit, one to a line."""
    found = []
    for place in places:
        text = " ".join(redaction.hide(place).decode("utf-8", "replace").split())
        room -= len(text)
        if room < 0:
            break
        found.append(text)
    return found


# ------------------------------------------------------------------ the answer


def _checked(question: _Question, answer: str) -> tuple[bytes | None, str]:
    """The whole text after an answer that nothing speaks against; else None and what does."""
    file, redaction = question.task.file, question.redaction
    span = question.excerpt.span
    whole = redaction.hide(Span(0, len(file.text))).decode("utf-8", "replace")
    reading = read_reply(answer, question.shown, whole)
    if reading.text is None:
        return None, reading.refusal
    try:
        hidden = reading.text.encode("utf-8")
        if redaction.placeholders(hidden) != redaction.placeholders(question.shown.text.encode("utf-8")):
            return None, "it changes what was hidden from it"
        new = redaction.restore(hidden)
    except (UnicodeEncodeError, KeyError):
        return None, "it holds characters that no text has"
    # compared on its own, so that every edit lies within what was shown
    edits = tuple(
        Edit(Span(edit.span.start + span.start, edit.span.end + span.start), edit.text)
        for edit in edits_between(file.text[slice(*span)], new, file.language)
    )
    refusal = confine.objection(file, edits) or question.task.objection(file, edits, span)
    return (None, refusal) if refusal else (apply_edits(file.text, edits), "")


def _parses(file: SourceFile, edits: tuple[Edit, ...], region: Span) -> str:
    """What verification says against the repair of a text that does not parse, as of every candidate."""
    refusals = [one.refusal for one in verify(file, [edits], judge=judge, region=region)]
    return next((refusal.value for refusal in refusals if refusal is not None), "")
