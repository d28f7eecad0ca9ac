from __future__ import annotations

import math
import time
from itertools import pairwise
from pathlib import Path

import pytest
from language_models import SHAPE, Toy, toy

from thea_hook.core.source import SourceFile
from thea_hook.errors import ModelError
from thea_hook.languages.lexemes import lex
from thea_hook.languages.oracle import Answer, Verdict
from thea_hook.ml.language_model import LanguageModel
from thea_hook.ml.language_tokens import MARK, PIECES, encode
from thea_hook.ml.manifest import Manifest
from thea_hook.ml.scorer import FAR, LONGEST, TAIL, Pieces, Scorer, changes_between
from thea_hook.ml.session import Resources
from thea_hook.ml.subtokens import SubTokens
from thea_hook.ml.tasks import Candidate, Request, TaskType
from thea_hook.ml.vocabulary import CLOSED

SUBTOKENS = SubTokens(["foo", "bar", "x", "y", "line"])
X = SUBTOKENS.encode("x")[0]
CLOSE, SEMICOLON = (PIECES + CLOSED.index(text) for text in (b")", b";"))
BROKEN = Verdict(Answer.BROKEN)


def asked(text: bytes, *candidates: bytes, deadline: float = math.inf) -> Request:
    file = SourceFile("a.js", text, "javascript")
    return Request(
        TaskType.CODE_REPAIR, file, BROKEN, tuple(Candidate(each, "ml:tagger") for each in candidates), deadline
    )


def pieces(text: bytes) -> Pieces:
    ids, starts = encode(lex(text), SUBTOKENS, 2)
    each = [tuple(ids[start:end]) for start, end in pairwise(starts)]
    return Pieces([*each, (MARK.END,)], [*lex(text).ends, len(text)], 2)


LINES = b"".join(b"line(x, %d);\n" % (number % 10) for number in range(60))


def test_a_candidate_that_reads_better_has_the_better_ratio() -> None:
    scorer = Scorer(toy({(X, CLOSE): -0.1, (CLOSE, SEMICOLON): -0.1}, constant=-5.0), SUBTOKENS)
    right, wrong = scorer.solve(asked(LINES + b"foo(x;\n", LINES + b"foo(x);\n", LINES + b"foo(x,);\n"))
    # two of three ids became usual, and one is new
    assert right.evidence["mamba"] == pytest.approx(-0.1 - 0.1 - -5.0, abs=1e-4)
    assert right.evidence["mamba_tail"] == pytest.approx(-0.1 - -5.0, abs=1e-4)
    assert right.evidence["mamba_scaled"] == pytest.approx(right.evidence["mamba"] / math.sqrt(1 + 4))
    assert right.evidence["mamba"] > wrong.evidence["mamba"]
    assert right.evidence["mamba_tokens"] == 1.0


def test_evidence_of_others_is_kept() -> None:
    request = asked(b"foo(x;", b"foo(x);")
    request = request._replace(candidates=(request.candidates[0].with_evidence(tagger=-0.5),))
    (found,) = Scorer(toy(), SUBTOKENS).solve(request)
    assert found.evidence.keys() == {"tagger", "mamba", "mamba_tail", "mamba_tokens", "mamba_scaled"}
    assert found.evidence["tagger"] == -0.5


def test_the_order_of_candidates_stays_and_makes_no_difference() -> None:
    texts = [LINES + end for end in (b"foo(x);", b"foo(x]);", b"foo x;", b"bar(x);")]
    scorer = Scorer(toy(), SUBTOKENS)
    found = scorer.solve(asked(LINES + b"foo(x;", *texts))
    assert [each.text for each in found] == texts
    for each in found:
        (alone,) = scorer.solve(asked(LINES + b"foo(x;", each.text))
        assert alone.evidence == pytest.approx(each.evidence, abs=1e-3)


def test_a_text_that_reads_the_same_says_nothing() -> None:
    (same,) = Scorer(toy(), SUBTOKENS).solve(asked(b"foo(x); // one", b"foo(x); // other"))
    assert set(same.evidence.values()) == {0.0}


def test_the_end_of_a_text_is_judged_too() -> None:
    (found,) = Scorer(toy({(CLOSE, MARK.END): -1.0}, constant=-9.0), SUBTOKENS).solve(asked(b"foo(x", b"foo(x)"))
    assert found.evidence["mamba"] == pytest.approx(-9.0 - 1.0 - -9.0)


def test_changes_far_apart_are_judged_one_by_one() -> None:
    broken, right = b"foo(x;\n" + LINES + b"bar(x;\n", b"foo(x);\n" + LINES + b"bar(x);\n"
    first, second = right.replace(b"bar(x)", b"bar(x"), right.replace(b"foo(x)", b"foo(x")
    both, one, other = Scorer(toy(constant=-2.0), SUBTOKENS).solve(asked(broken, right, first, second))
    assert both.evidence["mamba"] == pytest.approx(one.evidence["mamba"] + other.evidence["mamba"])
    assert both.evidence["mamba_tokens"] == 2.0


def test_the_context_is_read_once_for_all_candidates() -> None:
    network = Toy()
    scorer = Scorer(LanguageModel(network, SHAPE), SUBTOKENS)
    scorer.solve(asked(LINES + b"foo(x;", *(LINES + b"foo(x)" + b";" * count for count in range(8))))
    assert network.positions < 600 + 9 * 2 * TAIL


def test_no_candidates_need_no_model() -> None:
    assert Scorer(toy(), SUBTOKENS).solve(asked(b"foo(")) == []


def test_the_deadline_is_kept() -> None:
    with pytest.raises(ModelError):
        Scorer(toy(), SUBTOKENS).solve(asked(b"foo(", b"foo()", deadline=time.monotonic() - 1))


# ------------------------------------------------------------------ changes


def test_a_change_goes_on_until_both_texts_have_been_the_same_for_a_while() -> None:
    (change,) = changes_between(pieces(b"foo(x;\n" + LINES), pieces(b"foo(x);\n" + LINES))
    assert (change.start, change.size) == (3, 1)
    assert change.new == (CLOSE, *change.old)
    assert TAIL <= len(change.old) <= TAIL + 3


def test_changes_near_each_other_are_one() -> None:
    (change,) = changes_between(pieces(b"foo(x; bar(y;\n" + LINES), pieces(b"foo(x); bar(y);\n" + LINES))
    assert change.new.count(CLOSE) == change.old.count(CLOSE) + 2


def test_equal_texts_have_no_changes() -> None:
    assert list(changes_between(pieces(LINES), pieces(LINES))) == []


def test_of_a_long_change_only_the_beginning_is_judged() -> None:
    side = b"<<<<<<< ours\n" + b"line(y);\n" * 40 + b"=======\n"
    (change,) = changes_between(pieces(b"foo(x);\n" + side + LINES), pieces(b"foo(x);\n" + LINES))
    assert max(len(change.old), len(change.new)) < LONGEST + 8
    assert min(len(change.old), len(change.new)) > LONGEST // 2


@pytest.mark.parametrize("gap", [FAR // 6 - 3, FAR // 6 + 12])
def test_whatever_lies_between_two_changes_nothing_is_judged_twice(gap: int) -> None:
    between = b"line(x, y);\n" * gap
    old, new = pieces(b"foo(x;\n" + between + b"bar(x;\n"), pieces(b"foo(x);\n" + between + b"bar(x);\n")
    changes = list(changes_between(old, new))
    assert sum(change.size for change in changes) <= sum(map(len, (*old.pieces, *new.pieces)))
    assert changes[0].start == 3
    ends = [change.start + len(change.old) for change in changes[:-1]]
    assert all(end <= change.start + FAR for end, change in zip(ends, changes[1:], strict=True))


# ------------------------------------------------------------------ a folder of weights


def test_a_folder_without_the_model_is_no_failure_of_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="mamba") as caught:
        Scorer.of(Manifest(tmp_path, {}), "onnxruntime", Resources())
    assert caught.value.reason == "absent"


def test_a_model_of_another_vocabulary_is_refused(tmp_path: Path) -> None:
    networks = pytest.importorskip("networks")
    model = networks.write_model(tmp_path, networks.logarithm(), config={"vocabulary": 100})
    with pytest.raises(ModelError, match="another vocabulary"):
        Scorer.of(Manifest(tmp_path, {"mamba": model}), "onnxruntime", Resources())
