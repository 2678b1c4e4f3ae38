"""Rounds as people make them: a training batch, its feedback, and progress."""

import json

from corpus.annotations import append_annotations
from corpus.batches import read_batch
from corpus.folder import read_corpus
from corpus.records import Annotation


def answer(name, annotator, stance):
    return Annotation(
        name, annotator, "1", stance, None, None, (), "", (), "done",
        "2026-11-23T10:00:00Z", 20.0, False, "test",
    )  # fmt: skip


def test_training_feedback_and_progress_of_a_third_annotator(script, tram):
    made = script(
        "make_batch", "t1", "--corpus", tram, "--annotators", "ann-c", "--kind", "training",
        "--size", 4,
    )  # fmt: skip
    assert made.code == 0
    assert "4 sentences, shuffled order; ann-c 4" in made.said
    items = read_batch(tram, "t1")
    assert {(item.lane, item.kind, item.order) for item in items} == {
        ("gold", "training", "shuffled")
    }
    stance = read_corpus(tram).codebook.names("stance")[0]
    append_annotations(tram, "t1", [answer(item.sentence_id, "ann-c", stance) for item in items])

    page = script("give_feedback", "t1", "--corpus", tram)
    assert page.out.startswith("# Training of ann-c")
    assert page.code == 0
    found = script("show_progress", "--corpus", tram, "--format", "json")
    [person] = [one for one in json.loads(found.out) if one["annotator"] == "ann-c"]
    [week] = person["weeks"]
    assert (person["done"], week["week"], week["gold"]["n"]) == (4, "2026-W48", 4)


def test_feedback_on_another_kind_of_batch_is_refused(script, tram):
    done = script("give_feedback", "b001", "--corpus", tram)
    assert done.code == 1
    assert "no training batch" in done.said


def test_unknown_annotator_is_told_who_is_asked(script, tram):
    script("make_batch", "t1", "--corpus", tram, "--annotators", "ann-c", "--kind", "training")
    done = script("give_feedback", "t1", "--corpus", tram, "--annotator", "bo")
    assert done.code == 1
    assert "t1 does not ask 'bo'; it asks ann-c." in done.said


def test_share_outside_zero_and_one_is_wrong_usage(script, tram):
    done = script("make_batch", "x", "--corpus", tram, "--annotators", "a", "--shared", "1.5")
    assert done.code == 2
    assert "1.5 is not between 0 and 1" in done.said
