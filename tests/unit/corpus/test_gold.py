"""Gold is what annotators agree on or an adjudicator decided, and nothing else."""

import pytest

from corpus.gold import Dispute, agreed, gold_labels


@pytest.mark.parametrize(
    ("votes", "expected"),
    [
        ([], None),
        (["for"], ("for", "single")),
        (["for", "for"], ("for", "unanimous")),
        (["for", "for", "for"], ("for", "unanimous")),
        (["for", "against"], None),
        (["for", "against", "for"], ("for", "majority")),
        (["for", "against", "mixed"], None),
        (["for", "for", "against", "against"], None),
        (["for", "for", "for", "against", "against"], ("for", "majority")),
        # Two of five lead, but a plurality is no majority.
        (["for", "for", "against", "mixed", "none"], None),
    ],
)
def test_what_votes_agree_on(votes, expected):
    assert agreed(votes) == expected
    assert agreed(votes[::-1]) == expected


@pytest.fixture
def gold_of(small):
    """The gold of sentence a.001 from votes and decisions: (label or None, disputed layers)."""

    def make(votes, decisions=()):
        gold = gold_labels(votes, decisions, small)
        return gold.labels.get("a.001"), [dispute.layer for dispute in gold.disputes]

    return make


def test_one_vote_stands_as_single(gold_of, vote):
    only = vote("ann-a", "favor", act="offer", topics=("talks",))
    label, disputed = gold_of([only])
    assert (label.stance, label.act, label.topics, label.how) == (
        "favor", "offer", ("talks",), "single",
    )  # fmt: skip
    assert (label.certain, label.votes, disputed) == (True, (only,), [])


def test_two_who_differ_give_no_gold_and_are_named(small, vote):
    votes = [vote("ann-b", "against"), vote("ann-a", "favor")]
    gold = gold_labels(votes, [], small)
    assert gold.labels == {}
    assert gold.disputes == (
        Dispute("a.001", "stance", (("ann-a", "favor"), ("ann-b", "against"))),
    )


def test_an_adjudication_wins_over_any_votes(gold_of, vote, decision):
    votes = [vote("ann-a", "favor", act="offer"), vote("ann-b", "favor", act="offer")]
    label, disputed = gold_of(votes, [decision("stance", "none")])
    assert (label.stance, label.act, label.how, label.certain) == (
        "none", None, "adjudicated", False,
    )  # fmt: skip
    assert disputed == []


def test_a_later_adjudication_supersedes(gold_of, vote, decision):
    decisions = [decision("stance", "favor"), decision("stance", "against")]
    label, _ = gold_of([vote(stance="none")], decisions)
    assert label.stance == "against"


def test_an_adjudication_of_another_sentence_decides_nothing(gold_of, vote, decision):
    votes = [vote("ann-a", "favor"), vote("ann-b", "against")]
    label, disputed = gold_of(votes, [decision("stance", "favor", sentence_id="a.002")])
    assert (label, disputed) == (None, ["stance"])


@pytest.mark.parametrize("status", ["skipped", "empty", "draft"])
def test_only_done_annotations_are_votes(gold_of, vote, status):
    unfinished = vote("ann-b", "against" if status == "draft" else None, status=status)
    label, _ = gold_of([vote("ann-a", "favor", act="offer"), unfinished])
    assert (label.stance, label.how) == ("favor", "single")
    assert gold_of([unfinished]) == (None, [])


def test_certain_means_every_vote_names_the_stance_and_nobody_is_unsure(gold_of, vote):
    sure = [vote("ann-a", "none"), vote("ann-b", "none")]
    unsure = [vote("ann-a", "none"), vote("ann-b", "none", flags=("unsure",))]
    outvoted = [*sure, vote("ann-c", "favor")]
    assert [gold_of(votes)[0].certain for votes in (sure, unsure, outvoted)] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("votes", "act", "disputed"),
    [
        # (stance, act) of ann-a, ann-b, ... The act of an outvoted stance has no say.
        ([("favor", "offer"), ("favor", "offer")], "offer", []),
        ([("favor", "offer"), ("favor", "comply")], None, ["act"]),
        ([("favor", "offer"), ("favor", "offer"), ("against", "refuse")], "offer", []),
        ([("favor", "offer"), ("favor", "comply"), ("against", "refuse")], None, ["act"]),
        ([("favor", "offer"), ("favor", "comply"), ("favor", "offer")], "offer", []),
        ([("none", None), ("none", None)], None, []),
    ],
)
def test_the_act_is_agreed_among_votes_for_the_gold_stance(gold_of, vote, votes, act, disputed):
    cast = [
        vote(f"ann-{letter}", stance, act=act)
        for letter, (stance, act) in zip("abc", votes, strict=False)
    ]
    label, found = gold_of(cast)
    assert (label.act, found) == (act, disputed)


def test_one_of_two_votes_is_not_enough_for_the_act_of_an_adjudicated_stance(
    gold_of, vote, decision
):
    votes = [vote("ann-a", "favor", act="offer"), vote("ann-b", "against", act="refuse")]
    label, disputed = gold_of(votes, [decision("stance", "favor")])
    assert (label.stance, label.act, disputed) == ("favor", None, ["act"])
    label, disputed = gold_of(votes, [decision("stance", "favor"), decision("act", "offer")])
    assert (label.stance, label.act, disputed) == ("favor", "offer", [])


@pytest.mark.parametrize(
    ("sets", "topics", "disputed"),
    [
        ([("talks", "aid"), ("aid", "talks")], ("talks", "aid"), []),
        ([(), ()], (), []),
        ([(), ("aid",)], None, ["topics"]),
        ([None, None], None, []),
        ([None, ("aid",)], ("aid",), []),
        # Three: each topic by itself. talks 2 of 3, aid 1 of 3.
        ([("talks",), ("talks", "aid"), ()], ("talks",), []),
        # Three sets without any majority: none of them is the answer.
        ([("talks",), ("aid",), ()], (), []),
    ],
)
def test_topics_are_equal_sets_or_each_topics_majority(gold_of, vote, sets, topics, disputed):
    votes = [
        vote(f"ann-{letter}", "none", topics=given)
        for letter, given in zip("abc", sets, strict=False)
    ]
    label, found = gold_of(votes)
    assert (label.topics, found) == (topics, disputed)


def test_adjudicated_topics_stand_in_codebook_order(gold_of, vote, decision):
    votes = [vote("ann-a", "none", topics=()), vote("ann-b", "none", topics=("aid",))]
    label, disputed = gold_of(votes, [decision("topics", ("aid", "talks"))])
    assert (label.topics, disputed) == (("talks", "aid"), [])
    label, _ = gold_of(votes, [decision("topics", ())])
    assert label.topics == ()
