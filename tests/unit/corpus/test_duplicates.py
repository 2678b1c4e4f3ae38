"""Copies of one wire report cluster; unrelated reports do not."""

import json
import re
from itertools import combinations
from pathlib import Path

import pytest

from corpus.duplicates import COPY, SAME_EVENT, clusters, links, plain
from corpus.records import Article

WIRES = Path(__file__).parents[2] / "data/wire/reports.jsonl"
HELD_OUT = ("mine", "envoy")  # written after what is compared was chosen on the others

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
    """The similarity of two texts: shared word 5-grams over all of them."""

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
        # 196 word 5-grams each, shared - 4 of them common: J = c / (392 - c).
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


def wires(held_out):
    """Id -> report, of the events that chose the levels, or of those held out."""
    rows = map(json.loads, WIRES.read_text("utf-8").splitlines())
    return {row["id"]: row for row in rows if row["event"].startswith(HELD_OUT) is held_out}


def linked_pairs(reports, level):
    found = links({name: row["text"] for name, row in sorted(reports.items())}, level=level)
    return {frozenset((name, other)) for name, others in found.items() for other in others}


def true_pairs(reports, *, rewritten):
    """Pairs of reports of one event: with the rewritten ones, or copies alone."""
    return {
        frozenset(pair)
        for pair in combinations(reports, 2)
        if len({reports[name]["event"] for name in pair}) == 1
        and (rewritten or all(reports[name]["kind"] != "rewrite" for name in pair))
    }


@pytest.mark.parametrize("held_out", [False, True])
def test_copies_of_a_wire_report_are_found_and_nothing_else(held_out):
    """Precision 1, recall 8 of 9 pairs and 2 of 2; rewrites and later reports are no copies."""
    reports = wires(held_out)
    missed = true_pairs(reports, rewritten=False) - linked_pairs(reports, COPY)
    assert linked_pairs(reports, COPY) <= true_pairs(reports, rewritten=False)
    # One cut the end and added a paragraph, the other edited every sentence: J = 0.37. Both are
    # copies of the wire report, so all three are one cluster.
    pair = frozenset(("dam-copy-own-paragraph", "dam-copy-edited"))
    assert missed == (set() if held_out else {pair})
    found = clusters(Article(name, reports[name]["text"]) for name in reports)
    assert len({found[name] for name in pair & reports.keys()}) <= 1


@pytest.mark.parametrize("held_out", [False, True])
def test_rewritten_reports_of_one_event_are_found_and_no_other_event(held_out):
    """Precision 1, recall 1 (25 and 6 pairs); a later report of the same talks is another event."""
    reports = wires(held_out)
    assert linked_pairs(reports, SAME_EVENT) == true_pairs(reports, rewritten=True)


def test_a_sentence_is_too_short_to_be_of_the_same_event():
    one = "Delegates from both sides returned to the lakeside hotel on Tuesday."
    other = "Tuesday: delegates returned, from the lakeside hotel, on both sides."
    assert links({"a": one, "b": other}, level=SAME_EVENT) == {"a": [], "b": []}


def test_near_duplicates_among_known_texts_alone():
    copy = WIRE + " More."
    found = links({"b": copy, "c": copy}, level=COPY, known={"a": WIRE, "o": OTHER})
    assert found == {"b": ["a"], "c": ["a"]}


def test_texts_of_signs_alone_are_not_the_same():
    assert links({"a": "?!", "b": "..."}, level=COPY) == {"a": [], "b": []}
    assert plain("?!") != plain("...")
