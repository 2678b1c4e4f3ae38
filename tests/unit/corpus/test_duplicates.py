"""Copies of one wire report cluster; unrelated reports do not."""

import re

import pytest

from corpus.duplicates import clusters
from corpus.records import Article

WIRE = """\
Delegates from both sides returned to the lakeside hotel on Tuesday after a pause of ten days.
The northern council rejected the revised draft, calling its clause on the river crossings a step
back from what was signed in March, but said that it would stay at the table. Mediators offered to
host a third round next week, whenever the parties are ready. Aid convoys waited at the eastern
checkpoint for a third day, and the price of bread in the valley rose again."""
OTHER = """\
The city council voted to build the tram line to the harbour. Councillors welcomed the decision and
promised money from the port fund, while the taxpayers' league called the line a waste and asked
for a referendum. The old depot stands on the square where the first stop is planned, and drivers
fear for their parking spaces along the fish market."""


def jaccard(left, right):
    """The exact similarity that the sketches estimate: shared word 5-grams over all of them."""

    def grams(text):
        words = re.findall(r"\w+", text.lower())
        return {tuple(words[start : start + 5]) for start in range(len(words) - 4)}

    return len(grams(left) & grams(right)) / len(grams(left) | grams(right))


def test_a_wire_copy_with_a_changed_headline_clusters():
    copy = "TALKS RESUME AT LAKE\n\n" + WIRE.replace("a third day", "the third day")
    assert jaccard(WIRE, copy) > 0.75
    articles = [Article("b-paper", WIRE), Article("a-wire", copy), Article("c-tram", OTHER)]
    assert clusters(articles) == {"a-wire": "a-wire", "b-paper": "a-wire", "c-tram": "c-tram"}


def test_a_chain_of_copies_is_one_cluster():
    # Windows of 200 words (196 5-grams) over one text, 45 words apart: neighbours share
    # 151 / 241 = 0.63 of their 5-grams, the ends only 106 / 286 = 0.37.
    words = [f"w{number}" for number in range(290)]
    chain = [
        Article(name, " ".join(words[start : start + 200]))
        for name, start in zip("abc", (0, 45, 90), strict=True)
    ]
    assert clusters(chain) == {"a": "a", "b": "a", "c": "a"}
    assert clusters([chain[0], chain[2]]) == {"a": "a", "c": "c"}


def test_order_does_not_matter():
    articles = [Article("a", WIRE), Article("b", WIRE + " More."), Article("c", OTHER)]
    assert clusters(articles) == clusters(reversed(articles))


def report(shared, number):
    """200 words of which the first ``shared`` stand in every report; no word comes twice."""
    return " ".join(
        [f"s{n}" for n in range(shared)] + [f"r{number}w{n}" for n in range(shared, 200)]
    )


@pytest.mark.parametrize(
    ("shared", "linked"),
    [
        # 196 word 5-grams each, shared - 4 of them common: J = c / (392 - c). The estimate of 128
        # hashes has a standard deviation of 0.044 at 0.5, so both are more than three away.
        (160, True),  # c = 156, J = 0.66
        (105, False),  # c = 101, J = 0.35
    ],
)
def test_half_of_the_word_sequences_is_the_border(shared, linked):
    for number in range(0, 60, 2):
        texts = [report(shared, number), report(shared, number + 1)]
        assert jaccard(*texts) == pytest.approx((shared - 4) / (396 - shared))
        found = clusters([Article("a", texts[0]), Article("b", texts[1])])
        assert (found["b"] == "a") is linked, number


def test_short_texts_are_compared_too():
    articles = [Article("a", "No deal."), Article("b", "No deal."), Article("c", "A deal.")]
    assert clusters(articles) == {"a": "a", "b": "a", "c": "c"}
    assert clusters([]) == {}
