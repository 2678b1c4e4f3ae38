"""Training: what was taken otherwise than agreed, with the rule, block by block."""

import dataclasses

import pytest

from corpus.feedback import as_markdown, feedback
from corpus.findings import CorpusError

NAMES = [f"{article}.{n:03}" for article in "abcd" for n in range(10)]
WRONG = {"stance": "against", "act": "refuse"}


@pytest.fixture
def trained(forty, asked, vote):
    """Forty gold sentences; anna answers some in a training batch, given by number."""

    def make(n, wrong=(), answer=WRONG):
        corpus = asked(forty, NAMES, "xi", "yo", answer={"note": "R1 target first"})
        corpus = asked(corpus, NAMES, "anna", batch="t1", kind="training")
        lines = [
            vote(
                "anna",
                sentence_id=name,
                **({"act": "offer", **answer} if number in wrong else {"act": "offer"}),
            )
            for number, name in enumerate(NAMES[:n])
        ]
        return dataclasses.replace(corpus, annotations={**corpus.annotations, "t1": lines})

    return make


def test_blocks_are_of_twenty_in_the_order_shown(trained):
    [anna] = feedback(trained(30, wrong=(0, 25)), "t1")
    assert [(block.n, len(block.mistakes)) for block in anna.blocks] == [(20, 1), (10, 1)]
    assert anna.blocks[0].mistakes[0].sentence_id == "a.000"
    assert anna.blocks[1].share == 0.9


def test_a_wrong_act_is_a_mistake_too_and_names_both(trained):
    [anna] = feedback(trained(1, wrong=(0,), answer={"act": "comply"}), "t1")
    [mistake] = anna.blocks[0].mistakes
    assert (mistake.given, mistake.gold) == ("favor, comply", "favor, offer")


def test_the_voters_rules_explain_it_unless_somebody_decided(trained, decision):
    corpus = trained(2, wrong=(0, 1))
    corpus = dataclasses.replace(corpus, adjudications=[decision("stance", "favor", "a.001")])
    [anna] = feedback(corpus, "t1")
    rule = "R1 Target first: A position on anything else is none."
    assert [mistake.reasons for mistake in anna.blocks[0].mistakes] == [
        (rule,),
        (f"{rule} — a reason",),
    ]


@pytest.mark.parametrize(
    ("n", "wrong", "passed"),
    [
        (40, (), True),
        (40, range(10), True),  # the first block was for learning
        (40, range(20, 24), True),  # 16 of 20
        (40, range(20, 25), False),  # 15 of 20
        (39, (), False),  # one left
    ],
)
def test_passing_takes_all_answers_and_a_good_last_block(trained, n, wrong, passed):
    [anna] = feedback(trained(n, wrong=wrong), "t1")
    assert anna.has_passed(0.8) is passed
    assert ("Passed" in as_markdown(anna, 0.8)) is passed


def test_the_page_quotes_the_sentence_and_says_what_was_agreed(trained):
    page = as_markdown(feedback(trained(20, wrong=(3,)), "t1")[0], 0.8)
    assert "## Block 1: 19 of 20 as agreed (95%)" in page
    assert "You said **against, refuse**, agreed is **favor, offer**: Yes." in page
    assert page.endswith("20 left.\n")


def test_other_batches_give_no_feedback(trained):
    with pytest.raises(CorpusError, match="hidden checks must stay hidden"):
        feedback(trained(1), "b001")
