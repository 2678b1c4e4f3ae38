"""Annotations only grow: a later line supersedes, and nothing is doubled or lost."""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.annotations import (
    annotation_path,
    append_annotations,
    current,
    from_elsewhere,
    new_lines,
    read_adjudications,
    read_annotations,
)
from corpus.findings import CorpusError
from corpus.folder import make_corpus, read_corpus
from corpus.records import Adjudication, Annotation, Holder, RecordError

plain = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
names = st.sampled_from(["ann-a", "ann-b", "x1"])
labels = st.sampled_from(["favor", "against"])
spans = st.tuples(st.integers(0, 9), st.integers(10, 99)) | st.just((None, None))
holders = st.builds(
    lambda span, actor, stance, act: Holder(*span, actor, stance, act),
    spans,
    st.none() | plain,
    labels,
    st.none() | plain,
)


@st.composite
def annotation(draw):
    status = draw(st.sampled_from(["done", "skipped", "empty", "draft"]))
    stance = {"done": labels, "draft": st.none() | labels}.get(status, st.none())
    return Annotation(
        sentence_id=draw(st.sampled_from(["a.001", "a.002"])),
        annotator=draw(names),
        codebook=draw(plain),
        stance=draw(stance),
        act=draw(st.none() | plain),
        topics=draw(st.none() | st.lists(plain, max_size=3).map(tuple)),
        flags=tuple(draw(st.lists(plain, max_size=3))),
        note=draw(plain),
        holders=tuple(draw(st.lists(holders, max_size=2))),
        status=status,
        created_at=draw(st.datetimes()).isoformat() + "Z",
        seconds=draw(st.none() | st.floats(0, 1e6)),
        prediction_shown=draw(st.booleans()),
        source=draw(plain),
    )


@given(st.lists(st.lists(annotation(), max_size=4), max_size=3))
def test_what_is_appended_comes_back_unchanged(appended):
    with tempfile.TemporaryDirectory() as name:
        for lines in appended:
            append_annotations(Path(name), "b001", lines)
        assert read_annotations(Path(name), "b001") == [line for part in appended for line in part]


@given(st.lists(annotation(), max_size=6), st.lists(annotation(), max_size=6))
def test_a_second_pull_of_the_same_has_nothing_new(stored, pulled):
    once = stored + new_lines(stored, pulled)
    # Only the last thing that each annotator says of a sentence is what a server would send again.
    assert new_lines(once, current(once)) == []


def test_a_later_line_supersedes(vote):
    lines = [
        vote("ann-a", "favor"),
        vote("ann-b", "favor"),
        vote("ann-a", "against"),
        vote("ann-a", "favor", sentence_id="a.002"),
    ]
    assert current(lines) == [lines[2], lines[1], lines[3]]


def test_only_a_changed_answer_is_new(vote):
    stored = [vote("ann-a", "favor", topics=("aid", "talks"))]
    same = vote("ann-a", "favor", topics=("talks", "aid"), seconds=99.0, source="another export")
    changed = vote("ann-a", "favor", topics=("talks",))
    other = vote("ann-b", "favor", topics=("talks",))
    assert new_lines(stored, [same, changed, other]) == [changed, other]


def test_none_of_the_topics_differs_from_not_asked(vote):
    assert new_lines([vote(topics=None)], [vote(topics=())]) == [vote(topics=())]


def test_a_changed_answer_that_is_changed_back_is_two_lines(vote):
    stored = [vote(stance="favor")]
    stored += new_lines(stored, [vote(stance="against")])
    stored += new_lines(stored, [vote(stance="favor")])
    assert [line.stance for line in stored] == ["favor", "against", "favor"]


@pytest.mark.parametrize("status", ["done", "skipped", "empty"])
def test_a_draft_never_supersedes_a_submitted_answer(vote, status):
    submitted = vote(stance="favor" if status == "done" else None, status=status)
    assert new_lines([submitted], [vote(stance="against", status="draft")]) == []


@pytest.mark.parametrize("status", ["skipped", "empty", "draft"])
def test_only_a_done_answer_supersedes_a_done_one_from_elsewhere(vote, status):
    stored = [vote(stance="favor", source="export a")]
    blank = vote(stance=None, status=status, source="export b")
    other = vote(stance="against", source="export b")
    assert new_lines(stored, [blank]) == []
    assert new_lines(stored, [other]) == [other]
    assert from_elsewhere(stored, [blank]) == [blank]
    assert from_elsewhere(stored, [other]) == [other]


@pytest.mark.parametrize("status", ["skipped", "empty"])
def test_an_answer_that_is_withdrawn_where_it_was_given_is_superseded(vote, status):
    stored = [vote(stance="favor", source="export a")]
    withdrawn = vote(stance=None, status=status, source="export a")
    assert new_lines(stored, [withdrawn]) == [withdrawn]
    assert from_elsewhere(stored, [withdrawn]) == []


def test_what_says_the_same_elsewhere_is_no_rival(vote):
    stored = [vote(stance="favor", source="export a"), vote("ann-b", None, status="skipped")]
    same = vote(stance="favor", source="export b")
    assert from_elsewhere(stored, [same, vote("ann-b", "favor", source="export b")]) == []


def test_a_draft_is_superseded_by_a_later_draft_and_by_an_answer(vote):
    first, second = vote(stance=None, status="draft"), vote(stance="favor", status="draft")
    done = vote(stance="favor")
    assert new_lines([first], [second, done]) == [second, done]


def test_batches_are_read_in_name_order(tmp_path, vote):
    corpus = tmp_path / "new"
    make_corpus(corpus, Path(__file__).parents[3] / "seeds")
    append_annotations(corpus, "b002", [vote("ann-a")])
    append_annotations(corpus, "b001", [vote("ann-b")])
    everything = read_corpus(corpus).all_annotations
    assert [line.annotator for line in everything] == ["ann-b", "ann-a"]
    assert read_annotations(corpus, "b003") == []


def test_a_line_without_its_end_is_not_glued_to_the_next(tmp_path, vote):
    append_annotations(tmp_path, "b001", [vote("ann-a")])
    path = annotation_path(tmp_path, "b001")
    path.write_text(path.read_text().rstrip("\n"))
    append_annotations(tmp_path, "b001", [vote("ann-b")])
    assert read_annotations(tmp_path, "b001") == [vote("ann-a"), vote("ann-b")]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"annotator": "jo@example.org"}, "must be a pseudonym .* never a name or an e-mail"),
        ({"status": "finished"}, "status 'finished' is unknown"),
        ({"stance": None}, "a done annotation has a stance"),
        ({"status": "skipped"}, "a skipped annotation has no stance"),
        ({"status": "empty"}, "a empty annotation has no stance|an empty annotation has no stance"),
    ],
)
def test_a_wrong_annotation_cannot_exist(vote, changes, message):
    with pytest.raises(RecordError, match=message):
        vote(**changes)


@pytest.mark.parametrize(("start", "end"), [(0, None), (None, 3), (3, 3), (-1, 2)])
def test_a_holder_has_a_span_or_is_implicit(start, end):
    with pytest.raises(RecordError, match="holder"):
        Holder(start, end, None, "favor", None)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": 2}, "format is not 1"),
        ({"stance": None}, "a done annotation has a stance"),
        ({"sentence_id": 7}, "sentence_id must be text"),
        ({"topics": 7}, "not iterable"),
        ({"seconds": "fast"}, "seconds must be a number"),
        ({"holders": [{"start": 1}]}, "missing .* required positional arguments"),
        ({"mood": "good"}, "unexpected keyword argument 'mood'"),
    ],
)
def test_every_damaged_annotation_is_listed(tmp_path, vote, changes, words):
    append_annotations(tmp_path, "b001", [vote(), vote("ann-b"), vote("ann-c")])
    path = annotation_path(tmp_path, "b001")
    first, second, third = path.read_text().splitlines()
    second = json.dumps(json.loads(second) | changes)
    third = json.dumps({key: value for key, value in json.loads(third).items() if key != "note"})
    path.write_text("\n".join([first, second, third]))
    with pytest.raises(CorpusError, match=words) as refusal:
        read_annotations(tmp_path, "b001")
    assert [(finding.place, finding.code) for finding in refusal.value.findings] == [
        (f"{path}:2", "E201"),
        (f"{path}:3", "E201"),
    ]
    assert "note is missing" in str(refusal.value)


DECISION = {
    "format": 1,
    "sentence_id": "a.001",
    "layer": "stance",
    "value": "favor",
    "adjudicator": "adj-a",
    "rule": "R1",
    "reason": "A reason.",
    "codebook": "1.0",
}


def test_adjudications_come_back(tmp_path):
    topics = {**DECISION, "layer": "topics", "value": ["aid", "talks"]}
    lines = [json.dumps(DECISION), json.dumps(topics)]
    (tmp_path / "adjudications.jsonl").write_text("\n".join(lines))
    assert read_adjudications(tmp_path) == [
        Adjudication("a.001", "stance", "favor", "adj-a", "R1", "A reason.", "1.0"),
        Adjudication("a.001", "topics", ("aid", "talks"), "adj-a", "R1", "A reason.", "1.0"),
    ]
    assert read_adjudications(tmp_path / "elsewhere") == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": 2}, "format is not 1"),
        ({"layer": "flags"}, "layer 'flags' is not adjudicated"),
        ({"value": ["favor"]}, "the value of layer stance has the wrong type"),
        ({"layer": "topics"}, "the value of layer topics has the wrong type"),
        ({"sentence_id": ["a.001"]}, "sentence_id must be text"),
        ({"vote": 1}, "unexpected keyword argument 'vote'"),
    ],
)
def test_a_damaged_adjudication_is_a_finding(tmp_path, changes, words):
    (tmp_path / "adjudications.jsonl").write_text(json.dumps(DECISION | changes))
    with pytest.raises(CorpusError, match=f"adjudications.jsonl:1: E211 .*{words}"):
        read_adjudications(tmp_path)
