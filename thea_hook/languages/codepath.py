"""The state machine that forks and joins the segments of one code path.

``PathState`` knows nothing of a syntax tree: ``controlflow`` walks one and calls it in the order of evaluation. What
is open around the place of the walk (loops, ``try`` statements, choices, ...) lies on one stack a kind.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from thea_hook.languages.segments import Exits, Fork, Segment, without_unused

ChoiceKind = Literal["&&", "||", "??", "test", "loop"]
LoopKind = Literal["while", "do", "for", "for-in"]

# Every `finally` inside a `finally` doubles the width of a fork. Beyond this one leaving path is not told from the
# normal one any more; code that a person wrote stays far below.
MAX_WIDTH = 64


class _Break:
    __slots__ = ("breakable", "broken", "label")

    def __init__(self, breakable: bool, label: bytes | None, fork: Fork) -> None:
        self.breakable = breakable
        self.label = label
        self.broken = Fork.under(fork)


class _Choice:
    __slots__ = ("false", "forking", "kind", "nullish", "processed", "true")

    def __init__(self, kind: ChoiceKind, forking: bool, fork: Fork) -> None:
        self.kind = kind
        self.forking = forking  # the result decides another choice, so the paths stay apart
        self.true = Fork.under(fork)
        self.false = Fork.under(fork)
        self.nullish = Fork.under(fork)
        self.processed = False  # an inner choice has already put its paths here

    def add_to_all(self, segments: list[Segment]) -> None:
        self.true.add(segments)
        self.false.add(segments)
        self.nullish.add(segments)


class _Loop:
    __slots__ = (
        "before_left",
        "broken",
        "continue_fork",
        "continue_to",
        "end_of_init",
        "end_of_left",
        "end_of_test",
        "end_of_update",
        "entry",
        "kind",
        "label",
        "test",
        "test_segments",
        "update_segments",
    )

    def __init__(self, kind: LoopKind, label: bytes | None, broken: Fork, fork: Fork) -> None:
        self.kind = kind
        self.label = label
        self.broken = broken
        self.test: bool | None = None  # the value of a constant test
        self.continue_to: list[Segment] | None = None
        self.continue_fork = Fork.under(fork)  # of `do`, where the test comes after the body
        self.entry: list[Segment] | None = None
        self.end_of_init: list[Segment] = []
        self.test_segments: list[Segment] | None = None
        self.end_of_test: list[Segment] | None = None
        self.update_segments: list[Segment] | None = None
        self.end_of_update: list[Segment] | None = None
        self.before_left: list[Segment] = []
        self.end_of_left: list[Segment] = []


class _Switch:
    __slots__ = ("default_body", "default_head", "empty_default", "forks", "has_case", "last_is_default")

    def __init__(self, has_case: bool) -> None:
        self.has_case = has_case
        self.default_head: list[Segment] = []
        self.default_body: list[Segment] | None = None
        self.empty_default = False
        self.last_is_default = False
        self.forks = 0


class _Try:
    __slots__ = ("has_finalizer", "position", "returned", "split", "thrown")

    def __init__(self, has_finalizer: bool, fork: Fork) -> None:
        self.has_finalizer = has_finalizer
        self.position: Literal["try", "catch", "finally"] = "try"
        self.returned = Fork.under(fork)
        self.thrown = Fork.under(fork)
        self.split = False  # the finally block lies on normal and leaving segments at once


class PathState:
    """The segments of one code path while it is walked: ``fork.head`` is where execution stands."""

    def __init__(self, on_loop: Callable[[Segment, Segment], None]) -> None:
        self.fork = Fork.root()
        self.initial = self.fork.head[0]
        self.current: list[Segment] = []
        self.returned = Exits()
        self.thrown = Exits()
        self._on_loop = on_loop
        self._choices: list[_Choice] = []
        self._switches: list[_Switch] = []
        self._tries: list[_Try] = []
        self._loops: list[_Loop] = []
        self._breaks: list[_Break] = []
        self._chains: list[int] = []  # choices opened by each optional chain around this place

    # Forks

    def push_fork(self, *, doubled: bool = False) -> Fork:
        self.fork = Fork.under(self.fork, doubled=doubled)
        return self.fork

    def pop_fork(self) -> None:
        last = self.fork
        self.fork = last.upper
        self.fork.replace_head(last.joined())

    def fork_path(self) -> None:
        """Starts an alternative after the head of the surrounding fork."""
        self.fork.add(self.fork.upper.after_head())

    def fork_bypass(self) -> None:
        """Adds the alternative of doing nothing."""
        self.fork.add(self.fork.upper.head)

    def start_default_value(self) -> None:
        self.push_fork()
        self.fork_bypass()
        self.fork_path()

    # Choices: `if`, `?:`, `&&`, `||`, `??` and the assignments with them

    def push_choice(self, kind: ChoiceKind, forking: bool) -> None:
        self._choices.append(_Choice(kind, forking, self.fork))

    def pop_choice(self) -> _Choice:
        choice = self._choices.pop()
        head = self.fork.head
        if choice.kind == "loop":
            return choice
        if choice.kind == "test":
            branch = choice.false if choice.processed else choice.true
            branch.lists = []
            branch.add(head)
        else:
            if not choice.processed:
                choice.add_to_all(head)
            if choice.forking:
                outer = self._choices[-1]
                outer.true.add_all(choice.true)
                outer.false.add_all(choice.false)
                outer.nullish.add_all(choice.nullish)
                outer.processed = True
                return choice
        choice.true.add_all(choice.false)
        self.fork.replace_head(choice.true.joined())
        return choice

    def start_right_operand(self) -> None:
        choice = self._choices[-1]
        fork = self.fork
        if choice.processed:
            going_on = {"&&": choice.true, "||": choice.false}.get(choice.kind, choice.nullish)
            fork.replace_head(going_on.joined())
            going_on.lists = []
            choice.processed = False
            return
        if choice.kind == "&&":
            choice.false.add(fork.head)
            choice.nullish.add(fork.head)
        elif choice.kind == "||":
            choice.true.add(fork.head)
        else:
            choice.true.add(fork.head)
            choice.false.add(fork.head)
        fork.replace_head(fork.after_head())

    def start_consequent(self) -> None:
        choice = self._choices[-1]
        if not choice.processed:
            choice.add_to_all(self.fork.head)
        choice.processed = False
        self.fork.replace_head(choice.true.joined())

    def start_alternate(self) -> None:
        choice = self._choices[-1]
        choice.true.lists = []
        choice.true.add(self.fork.head)
        choice.processed = True
        self.fork.replace_head(choice.false.joined())

    def _take_test(self, choice: _Choice) -> None:
        """After a loop's test, where no inner choice has told its true paths from its false ones."""
        if not choice.processed:
            choice.add_to_all(self.fork.head)

    # Optional chains

    def push_chain(self) -> None:
        self._chains.append(0)

    def pop_chain(self) -> None:
        for _ in range(self._chains.pop()):
            self.pop_choice()

    def open_optional(self) -> None:
        if self._chains:
            self._chains[-1] += 1
            self.push_choice("??", False)

    def start_optional_rest(self) -> None:
        if self._chains:
            self.start_right_operand()

    # switch

    def push_switch(self, has_case: bool, label: bytes | None) -> None:
        self._switches.append(_Switch(has_case))
        self.push_break(True, label)

    def pop_switch(self) -> None:
        switch = self._switches.pop()
        fork = self.fork
        broken = self.pop_break()
        if switch.forks == 0:
            if broken.lists:
                broken.add(fork.after_head())
                fork.replace_head(broken.joined())
            return
        last = fork.head
        self.fork_bypass()
        last_case = fork.head
        broken.add(last)
        if not switch.last_is_default:
            if switch.default_body is not None:
                # No case matched: what flows on from the last test enters the default's body, wherever that stands.
                _disconnect(switch.default_head, switch.default_body)
                self._make_looped(last_case, switch.default_body)
            else:
                broken.add(last_case)
        for _ in range(switch.forks):
            self.fork = self.fork.upper
        self.fork.replace_head(broken.joined())

    def start_case_body(self, *, empty: bool, default: bool) -> None:
        switch = self._switches[-1]
        if not switch.has_case:
            return
        parent = self.fork
        fork = self.push_fork()
        fork.add(parent.joined())
        if default:
            switch.default_head = parent.head
            if empty:
                switch.empty_default = True
            else:
                switch.default_body = fork.head
        elif not empty and switch.empty_default:
            switch.empty_default = False
            switch.default_body = fork.head
        switch.last_is_default = default
        switch.forks += 1

    # try

    def push_try(self, has_finalizer: bool) -> None:
        self._tries.append(_Try(has_finalizer, self.fork))

    def pop_try(self) -> None:
        context = self._tries.pop()
        if context.position == "catch":
            self.pop_fork()
            return
        if not context.returned.lists and not context.thrown.lists:
            return
        head = self.fork.head
        normal = leaving = head
        if context.split:
            self.fork = self.fork.upper
            normal, leaving = head[: len(head) // 2], head[len(head) // 2 :]
        if context.returned.lists:
            self._return_target().add(leaving)
        if context.thrown.lists:
            self._throw_target().add(leaving)
        self.fork.replace_head(normal)

    def start_catch(self) -> None:
        context = self._tries[-1]
        thrown = context.thrown
        context.position = "catch"
        context.thrown = Fork.under(self.fork)
        thrown.add(self.fork.head)
        segments = thrown.joined()
        self.push_fork()
        self.fork_bypass()
        self.fork.add(segments)

    def start_finally(self) -> None:
        context = self._tries[-1]
        head_of_leaving = self.fork.head
        if context.position == "catch":
            self.pop_fork()
        context.position = "finally"
        leaving = context.returned.lists + context.thrown.lists
        if not leaving:
            return
        fork = self.fork
        segments = fork.after_head()
        ways_out = [Segment.after([head_of_leaving[i], *(one[i] for one in leaving)]) for i in range(fork.width)]
        context.split = fork.width < MAX_WIDTH
        if context.split:
            self.push_fork(doubled=True)
            self.fork.add(segments + ways_out)
        else:
            fork.replace_head([Segment.after([*pair]) for pair in zip(segments, ways_out, strict=True)])

    def first_throw(self) -> None:
        """The first place in a ``try`` (or in a ``catch`` with a ``finally``) that can throw forks the path there."""
        if not self._tries or not self.fork.reachable:
            return
        target = self._throw_target()
        if isinstance(target, Exits) or target.lists:
            return
        target.add(self.fork.head)
        self.fork.replace_head(self.fork.after_head())

    @property
    def in_try(self) -> bool:
        return bool(self._tries)

    @property
    def throw_matters(self) -> bool:
        """Whether ``first_throw`` would do something here."""
        if not self._tries or not self.fork.reachable:
            return False
        target = self._throw_target()
        return isinstance(target, Fork) and not target.lists

    def _return_target(self) -> Fork | Exits:
        for context in reversed(self._tries):
            if context.has_finalizer and context.position != "finally":
                return context.returned
        return self.returned

    def _throw_target(self) -> Fork | Exits:
        for context in reversed(self._tries):
            if context.position == "try" or (context.has_finalizer and context.position == "catch"):
                return context.thrown
        return self.thrown

    # Loops

    def push_loop(self, kind: LoopKind, label: bytes | None) -> None:
        fork = self.fork
        broken = self.push_break(True, label)
        if kind != "for-in":
            self.push_choice("loop", False)
        self._loops.append(_Loop(kind, label, broken, fork))

    def pop_loop(self) -> None:
        loop = self._loops.pop()
        fork = self.fork
        broken = self.pop_break()
        if loop.kind == "for-in":
            broken.add(fork.head)
            self._make_looped(fork.head, loop.continue_to)
        else:
            choice = self.pop_choice()
            if loop.kind == "do":
                self._take_test(choice)
                if loop.test is not True:
                    broken.add_all(choice.false)
                for segments in choice.true.lists:
                    self._make_looped(segments, loop.entry)
            else:
                self._make_looped(fork.head, loop.continue_to)
        fork.replace_head(broken.joined() if broken.lists else fork.unreachable_after_head())

    def start_while_test(self, test: bool | None) -> None:
        loop = self._loops[-1]
        loop.test = test
        loop.continue_to = self.fork.joined()
        self.fork.replace_head(loop.continue_to)

    def start_while_body(self) -> None:
        loop, choice = self._loops[-1], self._choices[-1]
        self._take_test(choice)
        if loop.test is not True:
            loop.broken.add_all(choice.false)
        self.fork.replace_head(choice.true.joined())

    def start_do_body(self) -> None:
        entry = self._loops[-1].entry = self.fork.after_head()
        self.fork.replace_head(entry)

    def start_do_test(self, test: bool | None) -> None:
        loop = self._loops[-1]
        loop.test = test
        if loop.continue_fork.lists:
            loop.continue_fork.add(self.fork.head)
            self.fork.replace_head(loop.continue_fork.joined())

    def start_for_test(self, test: bool | None) -> None:
        loop = self._loops[-1]
        loop.test = test
        loop.end_of_init = self.fork.head
        loop.continue_to = loop.test_segments = self.fork.after_head()
        self.fork.replace_head(loop.test_segments)

    def _end_for_test(self) -> None:
        loop, choice = self._loops[-1], self._choices[-1]
        self._take_test(choice)
        if loop.test is not True:
            loop.broken.add_all(choice.false)
        loop.end_of_test = choice.true.joined()

    def start_for_update(self) -> None:
        loop = self._loops[-1]
        if loop.test_segments is not None:
            self._end_for_test()
        else:
            loop.end_of_init = self.fork.head
        loop.continue_to = loop.update_segments = self.fork.disconnected()
        self.fork.replace_head(loop.update_segments)

    def start_for_body(self) -> None:
        loop = self._loops[-1]
        if loop.update_segments is not None:
            loop.end_of_update = self.fork.head
            if loop.test_segments is not None:
                self._make_looped(loop.end_of_update, loop.test_segments)
        elif loop.test_segments is not None:
            self._end_for_test()
        else:
            loop.end_of_init = self.fork.head
        body = loop.end_of_test
        if body is None:
            before = Fork.under(self.fork)
            before.add(loop.end_of_init)
            if loop.end_of_update is not None:
                before.add(loop.end_of_update)
            body = before.joined()
        if loop.continue_to is None:
            loop.continue_to = body
        self.fork.replace_head(body)

    def start_for_in_left(self) -> None:
        loop = self._loops[-1]
        loop.before_left = self.fork.head
        loop.continue_to = self.fork.disconnected()
        self.fork.replace_head(loop.continue_to)

    def start_for_in_right(self) -> None:
        loop = self._loops[-1]
        before = Fork.under(self.fork)
        before.add(loop.before_left)
        loop.end_of_left = self.fork.head
        self.fork.replace_head(before.after_head())

    def start_for_in_body(self) -> None:
        loop = self._loops[-1]
        before = Fork.under(self.fork)
        before.add(loop.end_of_left)
        body = before.after_head()
        self._make_looped(self.fork.head, loop.continue_to)
        loop.broken.add(self.fork.head)
        self.fork.replace_head(body)

    def _make_looped(self, source: list[Segment], target: list[Segment] | None) -> None:
        for begin, end in zip(without_unused(source), without_unused(target or ()), strict=False):
            if end.reachable:
                begin.next.append(end)
            if begin.reachable:
                end.previous.append(begin)
            begin.all_next.append(end)
            end.all_previous.append(begin)
            if len(end.all_previous) >= 2:
                end.looped_from.append(begin)
            if begin.reachable and end.reachable:
                self._on_loop(begin, end)

    # Jumps

    def push_break(self, breakable: bool, label: bytes | None) -> Fork:
        context = _Break(breakable, label, self.fork)
        self._breaks.append(context)
        return context.broken

    def pop_break(self) -> Fork:
        context = self._breaks.pop()
        if not context.breakable and context.broken.lists:
            context.broken.add(self.fork.head)
            self.fork.replace_head(context.broken.joined())
        return context.broken

    def make_break(self, label: bytes | None) -> None:
        if not self.fork.reachable:
            return
        for context in reversed(self._breaks):
            if context.breakable if label is None else context.label == label:
                context.broken.add(self.fork.head)
                break
        self._leave()

    def make_continue(self, label: bytes | None) -> None:
        if not self.fork.reachable:
            return
        for loop in reversed(self._loops):
            if label is None or loop.label == label:
                self._continue(loop)
                break
        self._leave()

    def _continue(self, loop: _Loop) -> None:
        if loop.continue_to is None:
            loop.continue_fork.add(self.fork.head)
            return
        self._make_looped(self.fork.head, loop.continue_to)
        if loop.kind == "for-in":
            loop.broken.add(self.fork.head)

    def make_return(self) -> None:
        if self.fork.reachable:
            self._return_target().add(self.fork.head)
            self._leave()

    def make_throw(self) -> None:
        if self.fork.reachable:
            self._throw_target().add(self.fork.head)
            self._leave()

    def make_yield(self) -> None:
        """A generator can be resumed by ``return()`` and by ``throw()``."""
        if self.fork.reachable:
            head = self.fork.head
            self._return_target().add(head)
            self._throw_target().add(head)
            self.fork.replace_head(self.fork.after_head())

    def make_final(self) -> None:
        """Execution falls off the end of the path."""
        if self.current and self.current[0].reachable:
            self.returned.add(self.current)

    def _leave(self) -> None:
        self.fork.replace_head(self.fork.unreachable_after_head())


def _disconnect(before: list[Segment], after: list[Segment]) -> None:
    for one, other in zip(before, after, strict=False):
        for links, link in (
            (one.next, other),
            (one.all_next, other),
            (other.previous, one),
            (other.all_previous, one),
        ):
            if link in links:
                links.remove(link)
