"""The second pass: who is asked for holders, and when an answer counts."""

import dataclasses

import pytest

from corpus.annotations import current
from corpus.batches import BatchItem
from corpus.checks import check_corpus
from corpus.codebook import parse_codebook
from corpus.dataset import build_rows
from corpus.findings import CorpusError
from corpus.migration import Uses, described, plan_migration
from corpus.records import Holder
from corpus.reliability import agreement_tables, first_answers
from corpus.rounds import Plan, plan_items
from corpus.second_pass import holder_items

ANNA, BOTH = ("anna",), ("anna", "bo")
HOLDER = Holder(0, 1, None, "favor", "offer")
HOLDERS = ("holders", "F1")
NAMES = [f"a.{n:03}" for n in range(4)]


@pytest.fixture
def coded(forty, asked):
    """Two coded four sentences favor; but the first is none for anna, the second for bo."""
    corpus = asked(forty, NAMES, *BOTH)
    neutral = {("a.000", "anna"), ("a.001", "bo")}
    answers = [
        dataclasses.replace(item, stance="none", act=None)
        if (item.sentence_id, item.annotator) in neutral
        else item
        for item in corpus.annotations["b001"]
    ]
    return dataclasses.replace(corpus, annotations={"b001": answers})


def with_second_pass(corpus, *lines, batch="h1", kind="production"):
    """The corpus after a second-pass batch on its four sentences, with these lines stored."""
    items = tuple(BatchItem(name, BOTH, kind=kind, asks="holders") for name in NAMES)
    return dataclasses.replace(
        corpus,
        batches={**corpus.batches, batch: items},
        annotations={**corpus.annotations, batch: list(lines)},
    )


def second(corpus, name, annotator="anna", **changes):
    """A second-pass line on the annotator's labels."""
    first = corpus.coded[name, annotator]
    later = {"holders": (HOLDER,), "created_at": "2026-12-01T00:00:00Z", "source": "second"}
    return dataclasses.replace(first, **later | changes)


def now(corpus, name, annotator="anna"):
    """What holds of an annotator's answer."""
    [found] = [
        item
        for item in current(corpus.votes)
        if (item.sentence_id, item.annotator) == (name, annotator)
    ]
    return found


def test_holders_are_asked_of_those_who_coded_a_stance(coded):
    items = holder_items(coded, Plan("production", BOTH))
    assert [(item.sentence_id, item.annotators, item.asks) for item in items] == [
        ("a.000", ("bo",), "holders"),
        ("a.001", ("anna",), "holders"),
        ("a.002", BOTH, "holders"),
        ("a.003", BOTH, "holders"),
    ]
    assert holder_items(coded, Plan("production", ("cy", *ANNA), size=1))[0] == items[1]


def test_who_marked_holders_or_was_asked_is_not_asked_again(coded):
    marked = {"b001": [*coded.annotations["b001"], second(coded, "a.002")]}
    corpus = dataclasses.replace(coded, annotations=marked)
    assert [item.sentence_id for item in holder_items(corpus, Plan("pilot", ANNA))] == [
        "a.001",
        "a.003",
    ]
    corpus = with_second_pass(coded, second(coded, "a.001"))
    with pytest.raises(CorpusError, match="no stance coded by anna waits for its holders"):
        holder_items(corpus, Plan("production", ANNA))
    again = holder_items(corpus, Plan("production", ANNA, articles=["a"]))
    assert [item.sentence_id for item in again] == ["a.002", "a.003"]
    with pytest.raises(CorpusError, match="waits for its holders"):  # nobody there is blind
        holder_items(corpus, Plan("reliability", ANNA, articles=["a"]))


def test_a_random_draw_for_holders_says_its_probability_and_is_shuffled_by_its_seed(forty, asked):
    corpus = asked(forty, list(forty.sentences), *ANNA)
    plan = Plan("reliability", ANNA, size=10, draw="random", order="shuffled", seed=4)
    items = holder_items(corpus, plan)
    assert items == holder_items(corpus, plan)
    assert {(item.lane, item.probability, item.order) for item in items} == {
        ("random", 0.25, "shuffled")
    }
    names = [item.sentence_id for item in items]
    assert names != sorted(names)


@pytest.mark.parametrize("kind", ["training", "review"])
def test_holders_are_not_trained_or_reviewed(coded, kind):
    with pytest.raises(CorpusError, match="kind pilot, reliability, production, not " + kind):
        holder_items(coded, Plan(kind, ANNA))


WISHES = {"gold": 0.1, "recode": 0.1, "shared": 0.1, "per_sentence": 1, "show_predictions": True}


@pytest.mark.parametrize("wish", WISHES)
def test_what_a_batch_for_holders_cannot_have_is_refused(coded, wish):
    with pytest.raises(CorpusError, match="leave --gold, --recode, --shared, --per-sentence and"):
        holder_items(coded, Plan("production", ANNA, **{wish: WISHES[wish]}))


def test_a_batch_for_labels_does_not_mind_a_second_pass(coded):
    corpus = with_second_pass(coded, second(coded, "a.002"))
    plan = Plan("production", ("cy",), recode=0.1)
    assert plan_items(corpus, plan) == plan_items(coded, plan)


@pytest.mark.parametrize("batch", ["a1", "z9"])
def test_holders_are_added_to_the_labels_whatever_the_batch_is_called(coded, batch):
    # As early as the labels themselves: their time says nothing.
    line = second(coded, "a.002", created_at=coded.coded["a.002", "anna"].created_at)
    corpus = with_second_pass(coded, line, batch=batch)
    assert now(corpus, "a.002") == dataclasses.replace(
        coded.coded["a.002", "anna"], holders=(HOLDER,)
    )
    assert now(corpus, "a.003").holders == ()
    assert corpus.coded == coded.coded


def test_skipping_or_leaving_a_draft_in_the_second_pass_supersedes_no_labels(coded):
    nothing = {"stance": None, "act": None, "topics": None, "holders": ()}
    for status in ("skipped", "draft"):
        line = second(coded, "a.002", status=status, **nothing)
        assert with_second_pass(coded, line).votes == coded.votes
        # Holders that were taken back by it are gone; the labels stay.
        assert with_second_pass(coded, second(coded, "a.002"), line).votes == coded.votes


def test_holders_on_labels_that_changed_do_not_count_and_do_again_when_they_change_back(coded):
    line = second(coded, "a.002")
    corpus = with_second_pass(coded, line)
    first = coded.coded["a.002", "anna"]
    changed = dataclasses.replace(
        first, stance="against", act="refuse", created_at="2027-01-01T00:00:00Z"
    )
    back = dataclasses.replace(first, created_at="2027-01-02T00:00:00Z")
    held = dataclasses.replace(back, holders=(HOLDER,))
    for lines, holds in (([changed], changed), ([changed, back], held)):
        assert now(with_labels(corpus, *lines), "a.002") == holds


def with_labels(corpus, *lines):
    """The corpus after these answers of the first pass."""
    stored = {"b001": [*corpus.annotations["b001"], *lines]}
    return dataclasses.replace(corpus, annotations=corpus.annotations | stored)


@pytest.mark.parametrize(
    "change", [{"note": "see R4"}, {"flags": ("unsure",)}, {"topics": ("aid",)}, {"codebook": "2"}]
)
def test_holders_stand_whatever_else_of_the_labels_changes(coded, change):
    corpus = with_second_pass(coded, second(coded, "a.002"))
    changed = dataclasses.replace(
        coded.coded["a.002", "anna"], created_at="2027-01-01T00:00:00Z", **change
    )
    # Of the labels' version and time: holders alone make no answer newer or older.
    held = dataclasses.replace(changed, holders=(HOLDER,))
    corpus = with_labels(corpus, changed)
    assert now(corpus, "a.002") == held
    assert [item.code for item in check_corpus(corpus) if item.code == "W354"] == []


def test_the_first_holders_stay_those_that_agreement_is_measured_on(coded):
    other = dataclasses.replace(HOLDER, start=3, end=5)
    later = {"holders": (other,), "created_at": "2026-12-02T00:00:00Z"}
    corpus = with_second_pass(coded, second(coded, "a.002"), second(coded, "a.002", **later))
    assert now(corpus, "a.002").holders == (other,)
    [first] = [
        item
        for item in first_answers(corpus.votes, corpus.codebook)
        if (item.sentence_id, item.annotator) == ("a.002", "anna")
    ]
    assert first.holders == (HOLDER,)


@pytest.fixture
def recoding(small_text):
    """Version 2 of the small codebook, in which act offer means something else."""
    table = '\n[[recode]]\nlayer = "act"\nvalue = "offer"\nversion = "2"\nreason = "narrower"\n'
    text = small_text.replace('version = "1.0"', 'version = "2"') + table
    return parse_codebook(text, "codebook.toml")


def test_holders_with_a_recoded_value_do_not_count_and_are_asked_again(coded, recoding):
    line = second(coded, "a.002")
    corpus = with_second_pass(dataclasses.replace(coded, codebook=recoding), line)
    [found] = [item for item in check_corpus(corpus) if item.code == "W354"]
    assert found.message.startswith(
        "a.002 by anna: the holders do not count: they name act offer, to be looked at again since "
        "codebook 2 (narrower). "
    )
    given = dataclasses.replace(
        coded.coded["a.002", "anna"], codebook="2", created_at="2027-01-01T00:00:00Z"
    )
    with pytest.raises(CorpusError, match="waits for its holders"):  # the labels come first
        holder_items(corpus, Plan("production", ANNA))
    corpus = with_labels(corpus, given)
    assert now(corpus, "a.002") == given
    plan = plan_migration(corpus, {})
    assert [(item, why.value) for item, why in plan.holders] == [(line, "offer")]
    assert "act offer, holders of 1 answer to be marked again (anna 1): narrower. " in "\n".join(
        described(corpus, plan, Uses())
    )

    [item] = holder_items(corpus, Plan("production", ANNA))
    assert item == BatchItem("a.002", ANNA, kind="production", asks="holders")
    asked = dataclasses.replace(corpus, batches={**corpus.batches, "h2": (item,)})
    assert plan_migration(asked, {}).holders == ()
    with pytest.raises(CorpusError, match="waits for its holders"):
        holder_items(asked, Plan("production", ANNA))
    again = dataclasses.replace(given, holders=(HOLDER,), created_at="2027-01-02T00:00:00Z")
    done = dataclasses.replace(asked, annotations={**asked.annotations, "h2": [again]})
    assert now(done, "a.002") == dataclasses.replace(given, holders=(HOLDER,))
    assert plan_migration(done, {}).holders == ()
    assert [item.code for item in check_corpus(done) if item.code == "W354"] == []


def test_second_pass_holders_reach_the_dataset_and_the_agreement_tables(coded):
    corpus = with_second_pass(
        coded, *(second(coded, name, who) for name in NAMES[2:] for who in BOTH)
    )
    rows = build_rows(corpus).parts["train"]
    assert {row["id"]: row["holders"] for row in rows if row["holders"]} == {
        name: [{"start": 0, "end": 1, "actor": None, "stance": "favor", "act": "offer"}]
        for name in NAMES[2:]
    }
    [table] = agreement_tables(corpus)
    # Two sentences on whose holders both agree, their edges and all.
    found = [(line.n, line.value) for line in table.lines if (line.layer, line.measure) == HOLDERS]
    assert found == [(2, 1.0), (2, 1.0)]


def test_a_second_pass_draws_no_sample_of_stances_and_adds_its_holders_to_one(coded):
    lines = [second(coded, name, who) for name in NAMES[2:] for who in BOTH]
    corpus = with_second_pass(coded, *lines, kind="reliability")
    assert [table.name for table in agreement_tables(corpus)] == ["all votes"]
    drawn = tuple(dataclasses.replace(item, kind="reliability") for item in coded.batches["b001"])
    everything, sample = agreement_tables(
        dataclasses.replace(corpus, batches={**corpus.batches, "b001": drawn})
    )
    assert repr(sample.lines) == repr(everything.lines)
