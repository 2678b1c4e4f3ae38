"""Who is asked about what: balanced groups, random draws, hidden checks; never a vote from a check."""

import dataclasses
from collections import Counter

import pytest

from corpus.annotations import current
from corpus.batches import BatchItem
from corpus.findings import CorpusError
from corpus.records import RecordError
from corpus.rounds import Plan, plan_items

THREE = ("anna", "bo", "cy")


def test_every_pair_and_every_annotator_has_the_same_load(forty):
    # 39 sentences, 3 pairs: 13 each, and 26 for each annotator.
    items = plan_items(forty, Plan("production", THREE, size=39, per_sentence=2))
    assert set(Counter(item.annotators for item in items).values()) == {13}
    assert set(Counter(name for item in items for name in item.annotators).values()) == {26}


def test_a_shared_part_is_seen_by_everyone_and_says_so(forty):
    # A quarter of 40.
    items = plan_items(forty, Plan("production", THREE, per_sentence=2, shared=0.25))
    assert Counter(item.lane for item in items) == {"all": 30, "shared": 10}
    assert {item.annotators for item in items if item.lane == "shared"} == {THREE}


def test_more_annotators_a_sentence_than_there_are_is_refused(forty):
    with pytest.raises(
        CorpusError, match="3 annotators a sentence were asked for, but there are 2"
    ):
        plan_items(forty, Plan("production", THREE[:2], per_sentence=3))


def test_a_random_draw_says_its_probability_and_a_seed_repeats_it(forty):
    plan = Plan("reliability", THREE, size=10, draw="random", order="shuffled", seed=4)
    items = plan_items(forty, plan)
    assert items == plan_items(forty, plan)
    assert items != plan_items(forty, dataclasses.replace(plan, seed=5))
    assert {(item.lane, item.probability, item.order) for item in items} == {
        ("random", 0.25, "shuffled")
    }
    names = [item.sentence_id for item in items]
    assert names != sorted(names)


def test_sentences_of_a_batch_are_not_asked_again_unless_named(forty, asked):
    forty = asked(forty, [f"a.{n:03}" for n in range(10)], "anna")
    items = plan_items(forty, Plan("production", THREE))
    assert {item.sentence_id[0] for item in items} == {"b", "c", "d"}
    again = plan_items(forty, Plan("production", THREE, articles=["a"]))
    assert {item.sentence_id[0] for item in again} == {"a"}


def test_hidden_gold_is_new_to_the_annotator_and_recoded_items_are_not(forty, asked):
    forty = asked(forty, [f"a.{n:03}" for n in range(10)], "xi", "yo", batch="b001")
    forty = asked(forty, [f"b.{n:03}" for n in range(10)], "anna", "xi", batch="b002")
    items = plan_items(forty, Plan("production", ("anna", "bo"), gold=0.1, recode=0.1))
    # 20 new sentences; a tenth is 2 gold items each, and 2 that anna coded before. bo coded none.
    lanes = {
        lane: [item for item in items if item.lane == lane] for lane in ("all", "gold", "recode")
    }
    assert {lane: len(found) for lane, found in lanes.items()} == {
        "all": 20,
        "gold": 4,
        "recode": 2,
    }
    assert Counter(item.annotators for item in lanes["gold"]) == {("anna",): 2, ("bo",): 2}
    hers = {item.sentence_id[0] for item in lanes["gold"] if item.annotators == ("anna",)}
    assert hers == {"a"}  # she has seen every b
    assert {(item.sentence_id[0], item.annotators) for item in lanes["recode"]} == {
        ("b", ("anna",))
    }
    new = [item.sentence_id for item in lanes["all"]]
    assert new == sorted(new)  # still in article order, with the checks between
    for before, item, after in zip(items, items[1:], items[2:], strict=False):
        if item.lane != "all" and before.lane == after.lane == "all":
            assert before.sentence_id[0] != after.sentence_id[0]  # between articles, not inside one
    assert not any(item.is_vote for item in lanes["gold"] + lanes["recode"])


def test_training_takes_gold_of_several_votes_that_nobody_of_them_saw(forty, asked):
    forty = asked(forty, ["a.001"], "xi", batch="b001")  # one vote only
    forty = asked(forty, ["a.002", "a.003"], "xi", "yo", batch="b002")
    forty = asked(forty, ["a.004"], "xi", "bo", batch="b003")  # bo has seen it
    items = plan_items(forty, Plan("training", ("anna", "bo")))
    assert [item.sentence_id for item in items] == ["a.002", "a.003"]
    assert not any(item.is_vote for item in items)


def test_review_takes_what_is_disputed_or_unsure_and_not_decided(forty, asked, decision):
    forty = asked(forty, ["a.001", "a.002", "a.003", "a.004"], "xi", "yo")
    other = {
        "a.002": {"stance": "against", "act": "refuse"},
        "a.003": {"flags": ("unsure",)},
        "a.004": {"stance": "against", "act": "refuse"},
    }
    votes = [
        dataclasses.replace(item, **other.get(item.sentence_id, {}))
        if item.annotator == "yo"
        else item
        for item in forty.annotations["b001"]
    ]
    decided = [
        decision(layer, value, "a.004") for layer, value in (("stance", "favor"), ("act", "offer"))
    ]
    forty = dataclasses.replace(forty, annotations={"b001": votes}, adjudications=decided)
    items = plan_items(forty, Plan("review", ("anna",)))
    assert [item.sentence_id for item in items] == ["a.002", "a.003"]


def test_sentences_of_an_unfinished_reliability_batch_are_in_no_other_batch(forty, asked):
    names = [f"a.{n:03}" for n in range(10)]
    done = asked(forty, names, "xi", "yo", batch="rl", kind="reliability")
    votes = [
        dataclasses.replace(item, flags=("unsure",)) if item.sentence_id == "a.001" else item
        for item in done.annotations["rl"]
    ]
    done = dataclasses.replace(done, annotations={"rl": votes})
    started = dataclasses.replace(done, annotations={"rl": votes[:-1]})  # yo lacks the last
    kinds = {
        "production": Plan("production", ("anna",), articles=["a"]),
        "training": Plan("training", ("anna",)),
        "review": Plan("review", ("anna",)),
    }
    for plan in kinds.values():
        assert {item.sentence_id for item in plan_items(done, plan)} <= set(names)
    for kind, number in (("production", 10), ("training", 9), ("review", 1)):
        with pytest.raises(CorpusError, match=f" {number} sentences? left out, in a reliability"):
            plan_items(started, kinds[kind])
    some = plan_items(started, dataclasses.replace(kinds["production"], articles=["a", "b"]))
    assert {item.sentence_id[0] for item in some} == {"b"}
    checks = Plan("production", ("anna", "xi"), gold=0.1, recode=0.1)
    assert Counter(item.lane for item in plan_items(done, checks)) == {
        "all": 30, "gold": 3, "recode": 3,
    }  # fmt: skip
    assert Counter(item.lane for item in plan_items(started, checks)) == {"all": 30}


def test_answers_to_checks_and_training_are_no_votes(forty, asked):
    forty = asked(forty, ["a.001"], "xi", "yo", batch="b001")
    forty = asked(forty, ["a.001"], "anna", batch="b002", lane="gold")
    forty = asked(forty, ["a.001"], "bo", batch="b003", kind="training")
    forty = asked(forty, ["a.001"], "xi", batch="b004", lane="recode")
    assert [(item.annotator) for item in forty.votes] == ["xi", "yo"]
    assert len(forty.all_annotations) == 5


def test_a_review_of_named_sentences_shows_them_whoever_saw_them(forty, asked):
    forty = asked(forty, ["a.001", "a.002", "b.003"], "anna")
    plan = Plan("review", ("anna", "bo"), sentences=["b.003", "a.001"])
    assert [(item.sentence_id, item.annotators) for item in plan_items(forty, plan)] == [
        ("a.001", ("anna", "bo")),
        ("b.003", ("anna", "bo")),
    ]


@pytest.mark.parametrize("kind", ["training", "review", "production"])
def test_nothing_left_to_ask_is_said(forty, asked, kind):
    forty = asked(forty, list(forty.sentences), "anna")
    with pytest.raises(
        CorpusError, match=r"no sentence has|nothing is disputed|in a batch already"
    ):
        plan_items(forty, Plan(kind, ("anna",)))


def test_a_reliability_batch_never_shows_predictions():
    with pytest.raises(RecordError, match="blind"):
        BatchItem("a.001", ("anna",), kind="reliability", show_predictions=True)


def test_loads_are_as_even_as_the_numbers_allow(forty):
    eight = tuple(f"ann-{letter}" for letter in "abcdefgh")
    items = plan_items(forty, Plan("production", eight, per_sentence=2))
    # 40 sentences for 28 pairs, 80 tasks for 8 people.
    pairs = Counter(item.annotators for item in items)
    loads = Counter(name for item in items for name in item.annotators)
    assert (len(pairs), set(pairs.values())) == (28, {1, 2})
    assert max(loads.values()) - min(loads.values()) <= 1


@pytest.mark.parametrize("change", [{"draw": "next"}, {"order": "article"}, {"gold": 0.1}])
def test_a_reliability_batch_cannot_be_made_otherwise(forty, change):
    plan = Plan("reliability", THREE, draw="random", order="shuffled")
    with pytest.raises(CorpusError, match="a reliability batch is a random draw"):
        plan_items(forty, dataclasses.replace(plan, **change))


def test_reliability_takes_no_sentence_that_was_in_a_batch_even_if_named(forty, asked):
    forty = asked(forty, ["a.001"], "anna")
    plan = Plan("reliability", THREE, articles=["a"], draw="random", order="shuffled")
    names = {item.sentence_id for item in plan_items(forty, plan)}
    assert len(names) == 9
    assert "a.001" not in names


def test_only_items_of_todays_codebook_are_coded_again(forty, asked):
    forty = asked(forty, ["a.001"], "anna", answer={"codebook": "0.9"})
    items = plan_items(forty, Plan("production", ("anna",), recode=0.5))
    assert [item for item in items if item.lane == "recode"] == []


def test_across_batches_the_later_answer_stands_whatever_the_batch_is_called(forty, asked):
    late, early = {"created_at": "2026-12-01T00:00:00Z"}, {"created_at": "2026-11-01T00:00:00Z"}
    forty = asked(forty, ["a.001"], "anna", batch="b1", answer={**late, "note": "late"})
    forty = asked(forty, ["a.001"], "anna", batch="p1", answer={**early, "note": "early"})
    assert [item.note for item in forty.votes] == ["early", "late"]
    assert [item.note for item in current(forty.votes)] == ["late"]
