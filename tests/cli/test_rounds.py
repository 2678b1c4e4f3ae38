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


def test_a_second_pass_asks_for_the_holders_of_what_was_coded(script, tram, tmp_path):
    made = script("make_batch", "h1", "--corpus", tram, "--annotators", "ann-a", "--holders")
    assert made.code == 0
    items = read_batch(tram, "h1")
    neutral = read_corpus(tram).codebook.neutral
    coded = [item for item in read_corpus(tram).votes if item.annotator == "ann-a"]
    assert {(item.sentence_id, item.asks) for item in items} == {
        (item.sentence_id, "holders") for item in coded if item.stance != neutral
    }
    assert f"{len(items)} sentences, article order; ann-a {len(items)}. Next:" in made.said

    out = tmp_path / "tasks"
    done = script("export_tasks", "h1", "--corpus", tram, "--out", out)
    assert done.code == 0
    assert 'name="holder"' in (out / "holders-interface.xml").read_text()
    tasks = json.loads((out / "h1-ann-a.json").read_text())
    assert {task["data"]["asks"] for task in tasks} == {"holders"}

    done = script("push_predictions", "h1", "--corpus", tram)
    assert done.code == 1
    assert "batch h1 asks for holders, and the model does not mark any" in done.said

    found = script("show_progress", "--corpus", tram, "--format", "json")
    [person] = [one for one in json.loads(found.out) if one["annotator"] == "ann-a"]
    assert person["missing"] == len(items)

    again = script("make_batch", "h2", "--corpus", tram, "--annotators", "ann-a", "--holders")
    assert again.code == 1
    assert "no stance coded by ann-a waits for its holders" in again.said


def test_a_second_pass_with_hidden_items_is_refused(script, tram):
    arguments = ("--corpus", tram, "--annotators", "ann-a", "--holders")
    done = script("make_batch", "h1", *arguments, "--gold", "0.1")
    assert done.code == 1
    assert "leave --gold, --recode" in done.said
    assert not (tram / "batches/h1.jsonl").exists()
