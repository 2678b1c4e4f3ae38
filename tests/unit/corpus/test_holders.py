"""Holders: which two annotators both found, the stance that follows, and the gold ones."""

import pytest

from corpus.codebook import parse_codebook
from corpus.dataset import build_rows, read_dataset, save_dataset
from corpus.folder import read_corpus
from corpus.gold import gold_labels
from corpus.holders import agree, matched, mixed_value, stance_of
from corpus.records import Holder, RecordError

IMPLICIT = (None, None)


def holder(span, stance="favor", actor=None, act=None):
    return Holder(*span, actor, stance, act)


def spans(pairs):
    return [((one.start, one.end), (other.start, other.end)) for one, other in pairs]


def test_spans_match_when_they_overlap_and_the_longest_overlap_comes_first():
    left = [holder((0, 10)), holder((20, 30))]
    right = [holder((8, 12)), holder((2, 10)), holder((30, 40))]
    # [0, 10) shares 2 with [8, 12) and 8 with [2, 10); [20, 30) only touches [30, 40).
    assert spans(matched(left, right)) == [((0, 10), (2, 10))]
    assert matched(left, right, exact=True) == []


def test_each_holder_is_matched_once():
    left, right = [holder((0, 10))], [holder((0, 5)), holder((5, 10))]
    assert spans(matched(left, right)) == [((0, 10), (0, 5))]


def test_implicit_holders_match_each_other_and_nothing_else():
    left, right = [holder(IMPLICIT)], [holder((0, 5)), holder(IMPLICIT)]
    assert spans(matched(left, right)) == [(IMPLICIT, IMPLICIT)]
    assert spans(matched(left, right, exact=True)) == [(IMPLICIT, IMPLICIT)]


def test_of_equal_spans_those_of_one_actor_are_matched():
    left = [holder((0, 10), "favor", "army"), holder((0, 10), "against", "rebels")]
    right = [holder((0, 10), "against", "rebels"), holder((0, 10), "favor", "army")]
    assert [(a.actor, b.actor) for a, b in matched(left, right)] == [
        ("army", "army"), ("rebels", "rebels"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("right", "expected"),
    [
        ([holder((0, 9)), holder((20, 30), "against")], True),
        ([holder((20, 30), "against"), holder((0, 9))], True),
        ([holder((0, 9)), holder((20, 30), "favor")], False),
        ([holder((0, 9))], False),
        ([holder((0, 9)), holder((20, 30), "against"), holder((40, 50))], False),
    ],
)
def test_annotators_agree_when_every_holder_has_its_match_with_its_stance(right, expected):
    left = [holder((0, 10)), holder((20, 30), "against")]
    assert agree(left, right) is agree(right, left) is expected


@pytest.fixture(scope="module")
def with_mixed(small_text):
    """The small codebook with a value for holders who differ."""
    value = '{ name = "mixed", meaning = "They differ.", three_way = "none" },\n'
    neutral = '  { name = "none"'
    return parse_codebook(small_text.replace(neutral, f"  {value}{neutral}"), "codebook.toml")


@pytest.mark.parametrize(
    ("stances", "stance"),
    [
        (["favor"], "favor"),
        (["favor", "favor"], "favor"),
        (["favor", "against"], "mixed"),
        (["none"], "none"),
        ([], "none"),
        # A holder without a position does not vote.
        (["favor", "none"], "favor"),
        (["favor", "none", "against"], "mixed"),
    ],
)
def test_the_stance_follows_from_the_holders(with_mixed, stances, stance):
    given = [holder((10 * n, 10 * n + 5), value) for n, value in enumerate(stances)]
    assert stance_of(given, with_mixed) == stance


def test_a_codebook_without_a_mixed_value_has_no_answer_for_holders_who_differ(small):
    assert mixed_value(small) is None
    assert stance_of([holder((0, 1)), holder((2, 3), "against")], small) is None


@pytest.mark.parametrize(
    ("span", "stance", "message"),
    [
        ((0, None), "favor", "both offsets or none"),
        ((5, 5), "favor", r"\[5, 5\) is empty"),
        ((0, 5), "", "has a stance"),
        ((0, 5), None, "has a stance"),
    ],
)
def test_a_wrong_holder_cannot_be_made(span, stance, message):
    with pytest.raises(RecordError, match=message):
        Holder(*span, None, stance, None)


FIRST, NEARLY, ELSEWHERE = (holder(span) for span in ((0, 10), (4, 10), (20, 30)))


@pytest.mark.parametrize(
    ("votes", "gold"),
    [
        # (annotator, stance, holders)
        ([("ann-a", "favor", ())], ()),
        ([("ann-a", "favor", (FIRST,))], (FIRST,)),
        # Annotator order, not the order of the lines.
        ([("ann-b", "favor", (NEARLY,)), ("ann-a", "favor", (FIRST,))], (FIRST,)),
        ([("ann-a", "favor", (FIRST,)), ("ann-b", "favor", (ELSEWHERE,))], ()),
        # Who was not asked for holders, or was outvoted, has no say on them.
        ([("ann-a", "favor", ()), ("ann-b", "favor", (NEARLY,))], (NEARLY,)),
        (
            [
                ("ann-a", "against", (ELSEWHERE,)),
                ("ann-b", "favor", (FIRST,)),
                ("ann-c", "favor", (NEARLY,)),
            ],
            (FIRST,),
        ),
    ],
)
def test_gold_holders_are_those_that_the_votes_for_the_gold_stance_agree_on(
    small, vote, votes, gold
):
    cast = [vote(name, stance, act="offer", holders=given) for name, stance, given in votes]
    assert gold_labels(cast, [], small).labels["a.001"].holders == gold


def test_gold_holders_stand_in_the_dataset_and_come_back(tram, tmp_path):
    path = tram / "annotations/b001.jsonl"
    lines = path.read_text().splitlines()
    stored = '"holders": [{"start": 4, "end": 11, "actor": null, "stance": "support", "act": null}]'
    lines = [
        line.replace('"holders": []', stored) if "council-vote.001" in line else line
        for line in lines
    ]
    path.write_text("\n".join(lines) + "\n")
    save_dataset(build_rows(read_corpus(tram)), tmp_path)
    rows = [row for part in read_dataset(tmp_path).parts.values() for row in part]
    found = {row["id"]: row["holders"] for row in rows if row["holders"]}
    assert found == {
        "council-vote.001": [
            {"start": 4, "end": 11, "actor": None, "stance": "support", "act": None}
        ]
    }
