"""The reliability report: every figure on first answers, and what is missing said in words."""

import csv
import io
import json
import math
from dataclasses import replace

import pytest

from corpus.agreement import Estimate
from corpus.agreement_tables import agreement_table
from corpus.batches import BatchItem
from corpus.folder import read_corpus
from corpus.gold import Dispute, gold_labels
from corpus.records import Holder
from corpus.reliability import (
    Aggregation,
    Confusion,
    Coverage,
    Reliability,
    aggregation,
    agreement_tables,
    confusion_pairs,
    coverage,
    first_answers,
    reliability,
)
from corpus.reliability_formats import (
    COLUMNS,
    as_csv,
    as_json,
    as_latex,
    as_text,
    line_text,
    table_markdown,
)

ARTICLES = {f"a.{number:03}": "a" for number in range(40)}


def lines_of(annotations, codebook, articles=ARTICLES):
    table = agreement_table("all votes", "1.0", annotations, codebook, articles)
    return {(line.layer, line.what): line for line in table.lines}


# One table.


def test_a_table_has_layers_values_pairs_topics_and_annotator_f1(small, vote):
    votes = [
        vote("ann-a", "favor", act="offer", topics=("aid",)),
        vote("ann-b", "favor", act="comply", topics=("aid", "talks")),
        vote("ann-c", "against", act="refuse", topics=("aid",)),
        vote("ann-a", "none", sentence_id="a.002", topics=()),
        vote("ann-b", "none", sentence_id="a.002", topics=None),
    ]
    lines = lines_of(votes, small)
    pairs = ["ann-a / ann-b", "ann-a / ann-c", "ann-b / ann-c"]
    assert list(lines) == [
        *(("stance", what) for what in ("stance", "favor", "against", "none", *pairs)),
        *(("act", what) for what in ("act", "offer", "refuse", "comply", *pairs)),
        *(("topics", what) for what in ("topics (MASI)", "topic talks", "topic aid")),
        ("annotators", "stance macro-F1"),
        ("annotators", "stance or not, macro-F1"),
        ("annotators", "three-way macro-F1"),
        *(("annotators", f"F1 of {name}") for name in ("favor", "against", "none")),
    ]
    # Pairs: a.001 has three (one equal), a.002 one (equal). All three pairs share a.001, and only
    # ann-a with ann-b share a.002 as well.
    stance = lines["stance", "stance"]
    assert (stance.n, stance.agree, stance.measure) == (2, 0.5, "alpha")
    assert [lines["stance", pair].n for pair in pairs] == [2, 1, 1]
    # Labels 2 favor, 1 against, 2 none; observed 4 / 2: 1 - 4 * 2 / (25 - 4 - 1 - 4) = 0.5.
    assert stance.value == pytest.approx(0.5)
    # favor: both 1 pair (2 uses), against it 2: 2 * 1 / (2 + 2) = 1/2; against 0; none 1.
    assert lines["annotators", "F1 of favor"].value == pytest.approx(1 / 2)
    assert lines["annotators", "stance macro-F1"].value == pytest.approx((1 / 2 + 0 + 1) / 3)
    # Topic sets: {aid}, {aid, talks}, {aid} on a.001; the single one of a.002 does not count.
    assert (lines["topics", "topics (MASI)"].n, lines["topics", "topic aid"].positives) == (1, 1)


def test_undefined_is_said_in_words(small, vote):
    alone = lines_of([vote("ann-a", "none")], small)["stance", "stance"]
    assert alone.note == "undefined: no sentence was labelled by two annotators"
    assert line_text(alone).endswith(alone.note)
    agreeing = lines_of([vote("ann-a", "none"), vote("ann-b", "none")], small)
    assert agreeing["stance", "stance"].note == (
        "undefined: every label is none, so chance alone agrees fully"
    )
    assert agreeing["stance", "favor"].note == "undefined: nobody used it"
    assert "agree 100%   alpha undefined: nobody used it" in line_text(agreeing["stance", "favor"])
    assert "everybody used it everywhere" in agreeing["stance", "none"].note
    assert agreeing["annotators", "F1 of favor"].note == "undefined: nobody used it"


def test_a_value_with_fewer_than_ten_positives_is_flagged(small, vote):
    votes = [
        vote(name, "favor" if number < 9 else "against", sentence_id=f"a.{number:03}", act="offer")
        for number in range(19)
        for name in ("ann-a", "ann-b")
    ]
    lines = lines_of(votes, small)
    assert (lines["stance", "favor"].positives, lines["stance", "against"].positives) == (9, 10)
    assert "fewer than 10 positives" in lines["stance", "favor"].note
    assert "positives" not in lines["stance", "against"].note
    assert lines["stance", "stance"].positives is None


def test_a_table_of_ten_articles_has_intervals(small, vote):
    votes = [
        vote(name, "none" if name == "ann-b" and number % 4 == 0 else "favor", sentence_id=key)
        for number, key in enumerate(ARTICLES)
        for name in ("ann-a", "ann-b")
    ]
    votes += [
        vote(name, "none", sentence_id=f"b.{n:03}")
        for n in range(20)
        for name in ("ann-a", "ann-b")
    ]
    articles = {key: f"{key[0]}{int(key[2:]) % 10}" for key in (item.sentence_id for item in votes)}
    line = lines_of(votes, small, articles)["stance", "stance"]
    assert line.low < line.value < line.high
    assert line.note == ""
    few = lines_of(votes, small, dict.fromkeys(articles, "a"))["stance", "stance"]
    assert few.value == pytest.approx(line.value)
    assert few.note == "no interval: 1 article, expected at least 10"


def test_skips_and_drafts_are_not_compared(small, vote):
    votes = [
        vote("ann-a", "none"),
        vote("ann-b", None, status="skipped"),
        vote("ann-c", "favor", status="draft"),
    ]
    assert lines_of(votes, small)["stance", "stance"].n == 0


def test_a_codebook_without_topics_has_no_topic_lines(tram_codebook, vote):
    lines = lines_of([vote("ann-a", "support"), vote("ann-b", "oppose")], tram_codebook)
    assert {layer for layer, _ in lines} == {"stance", "annotators"}


def test_a_label_of_an_older_codebook_has_a_line_and_no_f1(small, vote):
    lines = lines_of([vote("ann-a", "pro"), vote("ann-b", "favor")], small)
    assert lines["stance", "pro"].positives == 1
    assert ("annotators", "stance macro-F1") not in lines


def holder(start, end, stance="favor"):
    return Holder(start, end, None, stance, None)


def test_holders_are_compared_by_span_and_then_by_stance(small, vote):
    votes = [
        vote("ann-a", "favor", holders=(holder(0, 10), holder(20, 30))),
        vote("ann-b", "favor", holders=(holder(0, 10), holder(22, 30, "against"))),
        # ann-b was asked for holders and found none; ann-c never was.
        vote("ann-a", "favor", sentence_id="a.002", holders=(holder(0, 4),)),
        vote("ann-b", "none", sentence_id="a.002"),
        vote("ann-c", "none", sentence_id="a.002"),
        # First pass: not asked.
        vote("ann-a", "favor", sentence_id="a.003"),
        vote("ann-b", "favor", sentence_id="a.003"),
    ]
    lines = lines_of(votes, small)
    # Spans: 2 + 2 on a.001, 1 + 0 on a.002. One is equal, two overlap: 2 * 1 / 5 and 2 * 2 / 5.
    exact = lines["holders", "holders, exact spans"]
    assert (exact.measure, exact.n, exact.value) == ("F1", 2, pytest.approx(2 / 5))
    assert lines["holders", "holders, overlapping spans"].value == pytest.approx(4 / 5)
    # Matched: favor-favor, favor-against: n = 4, 1 - 3 * 2 / (16 - 9 - 1) = 0.
    matched = lines["holders", "stance of matched holders"]
    assert (matched.n, matched.agree, matched.value) == (2, 0.5, pytest.approx(0))


def test_no_holder_found_by_both_is_said(small, vote):
    votes = [
        vote("ann-a", "favor", holders=(holder(0, 10),)),
        vote("ann-b", "favor", holders=(holder(20, 30),)),
    ]
    lines = lines_of(votes, small)
    assert lines["holders", "holders, overlapping spans"].value == 0
    note = lines["holders", "stance of matched holders"].note
    assert note == "undefined: no holder was found by two annotators"


# First answers, versions, the sample.


def test_only_the_first_done_line_under_a_version_counts(vote, small):
    draft = vote("ann-a", "against", status="draft")
    first, changed = vote("ann-a", "favor"), vote("ann-a", "against")
    newer = vote("ann-a", "none", codebook="1.1")
    assert first_answers([draft, first, changed, newer], small) == [first, newer]


def test_holders_of_a_second_pass_join_the_first_answer(vote, small):
    first = vote("ann-a", "favor")
    second = vote("ann-a", "against", holders=(holder(0, 5, "against"),))
    third = replace(second, holders=(holder(1, 5, "against"),))
    assert first_answers([first, second, third], small) == [replace(first, holders=second.holders)]


@pytest.fixture
def corpus(tram):
    """The tram corpus, whose parts a test may replace."""
    return read_corpus(tram)


def stance_of(table):
    return table.lines[0]


def test_annotating_again_after_a_rule_change_raises_no_figure(corpus):
    before = agreement_tables(corpus)
    lines = corpus.annotations["b001"]
    agreed = [
        replace(item, stance="none", codebook=version)
        for version in ("1.0", "1.10", "1.9")
        for item in lines
        if item.sentence_id == "court.002"
    ]
    after = agreement_tables(replace(corpus, annotations={"b001": [*lines, *agreed]}))
    assert repr(after[0]) == repr(before[0])  # nan is not equal to itself
    assert [(table.codebook, stance_of(table).n) for table in after] == [
        ("1.0", 30), ("1.9", 1), ("1.10", 1),
    ]  # fmt: skip


def test_the_reliability_sample_has_a_table_of_its_own(corpus):
    items = [
        replace(item, kind="reliability") if item.sentence_id.startswith("court.") else item
        for item in corpus.batches["b001"]
    ]
    tables = agreement_tables(replace(corpus, batches={"b001": tuple(items)}))
    assert [(table.title, stance_of(table).n) for table in tables] == [
        ("all votes, codebook 1.0", 30),
        ("reliability sample, codebook 1.0", 5),
    ]


def test_a_corpus_without_annotations_says_so(corpus):
    (table,) = agreement_tables(replace(corpus, annotations={}))
    assert stance_of(table).note == "undefined: no sentence was labelled by two annotators"


# Who did what, what is confused, how it is aggregated.


def test_coverage_says_what_became_of_everything_asked(vote):
    batch = [BatchItem(f"a.00{number}", ("ann-a", "ann-b")) for number in range(1, 6)]
    annotations = [
        vote("ann-a", None, status="skipped"),
        vote("ann-a", "favor"),  # supersedes the skip
        vote("ann-a", None, sentence_id="a.002", status="skipped"),
        vote("ann-a", None, sentence_id="a.003", status="empty"),
        vote("ann-a", None, sentence_id="a.004", status="draft"),
    ]
    # A sentence that two batches ask for is asked once.
    assert coverage([batch, batch[:2]], annotations) == (
        Coverage("ann-a", asked=5, done=1, skipped=1, empty=1, draft=1, missing=1),
        Coverage("ann-b", asked=5, done=0, skipped=0, empty=0, draft=0, missing=5),
    )


def test_confusions_are_counted_with_sentences_and_rules(small, vote, decision):
    given = {
        1: "favor against",
        2: "against favor",
        3: "favor none",
        4: "none none",
        5: "favor against",
    }
    given |= {6: "favor against"}
    votes = [
        vote(name, label, sentence_id=f"a.00{number}")
        for number, labels in given.items()
        for name, label in zip(("ann-a", "ann-b"), labels.split(), strict=True)
    ]
    decisions = [
        decision("stance", "favor", "a.001"),
        replace(decision("stance", "favor", "a.002"), rule="R7"),
        replace(decision("stance", "favor", "a.006"), rule="R7"),
        # Another layer, another sentence: no rule of these.
        replace(decision("act", "offer", "a.005"), rule="R9"),
        replace(decision("stance", "none", "a.004"), rule="R2"),
    ]
    assert confusion_pairs("stance", votes, decisions, small) == [
        Confusion("stance", ("favor", "against"), 4, ("a.001", "a.002", "a.005"), ("R7", "R1")),
        Confusion("stance", ("favor", "none"), 1, ("a.003",), ()),
    ]


def test_dawid_skene_stands_beside_the_vote_of_three(small, vote):
    # As in test_dawid_skene: three say none to anything, two see that half of it is favor.
    letters = {"ann-a": "favor", "ann-b": "favor"}
    votes = [
        vote(
            f"ann-{who}",
            letters.get(f"ann-{who}", "none") if number % 2 else "none",
            sentence_id=f"a.00{number}",
        )
        for number in range(8)
        for who in "abcde"
    ]
    gold = gold_labels(votes, [], small)
    assert {label.stance for label in gold.labels.values()} == {"none"}
    assert aggregation(votes, gold, small) == Aggregation(8, ("a.001", "a.003", "a.005", "a.007"))


def test_adjudicated_sentences_are_not_the_models_to_change(small, vote, decision):
    votes = [vote(f"ann-{who}", "favor") for who in "abc"]
    gold = gold_labels(votes, [decision("stance", "against")], small)
    assert aggregation(votes, gold, small) == Aggregation(0, ())


def test_two_annotators_have_no_dawid_skene(small, vote):
    votes = [vote("ann-a"), vote("ann-b")]
    assert aggregation(votes, gold_labels(votes, [], small), small) is None


# The report as text, JSON, CSV, LaTeX and Markdown.

MODEL = {"stance macro-F1": Estimate(0.5, 0.4, 0.6), "stance accuracy": Estimate(0.7, 0.6, 0.8)}
DISPUTE = Dispute("court.002", "stance", (("ann-a", "none"), ("ann-b", "oppose")))


def test_the_text_says_everything_once(corpus):
    text = as_text(reliability(corpus), [DISPUTE], MODEL)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines[0] == (
        "All votes, codebook 1.0: 60 annotations of 30 sentences, 6 articles "
        "(no interval: 6 articles, expected at least 10)"
    )
    # They differ on court.002 and referendum.004; 28 of 30 agree.
    assert lines[1] == "stance n 30 agree 93% alpha 0.90"
    assert text.count("no interval") == 1
    assert "ann-a 30 30 0 0 0 0" in lines
    assert "confused stance oppose / none: 2 (court.002, referendum.004)" in lines
    assert lines[-1] == "disputed court.002 stance: ann-a: none, ann-b: oppose"


def test_the_models_score_stands_beside_the_annotators(corpus):
    text = as_text(reliability(corpus), [], MODEL)
    block = next(part for part in text.split("\n\n") if "model against gold" in part)
    title, *rows = (" ".join(line.split()) for line in block.splitlines())
    assert title == (
        "F1 of annotator against annotator (all votes, codebook 1.0) beside model against gold"
    )
    # support 9 of 9; oppose 8 both of 10 and 8; none 11 both of 11 and 13, as the file has it.
    macro = (1 + 16 / 18 + 22 / 24) / 3
    assert rows == [
        f"stance macro-F1 {macro:.2f} 0.50 [0.40, 0.60]",
        "stance accuracy not measured 0.70 [0.60, 0.80]",
    ]


def test_json_has_null_where_a_figure_is_undefined(corpus):
    found = json.loads(as_json(reliability(corpus), [DISPUTE], MODEL))
    assert list(found) == [
        "format", "tables", "coverage", "confusions", "aggregation", "model_against_gold",
        "disputes",
    ]  # fmt: skip
    stance = found["tables"][0]["lines"][0]
    assert (stance["what"], stance["n"], stance["low"]) == ("stance", 30, None)
    assert found["aggregation"] is None
    assert found["model_against_gold"]["stance macro-F1"]["high"] == 0.6
    assert found["disputes"][0]["sentence_id"] == "court.002"


def test_csv_has_a_row_a_line(corpus):
    report = reliability(corpus)
    rows = list(csv.DictReader(io.StringIO(as_csv(report, MODEL))))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == len(report.tables[0].lines) + len(MODEL)
    assert (rows[0]["what"], rows[0]["n"], rows[0]["low"]) == ("stance", "30", "")
    assert float(rows[0]["value"]) == report.tables[0].lines[0].value
    assert (rows[-1]["table"], rows[-1]["value"]) == ("model against gold", "0.7")


def test_latex_escapes_what_it_must(small, vote):
    votes = [vote("ann-a", "no_stance"), vote("ann-b", "favor")]
    table = agreement_table("all votes", "1.0", votes, small, ARTICLES)
    text = as_latex(Reliability((table,), (), (), None), {})
    # Four lines of rules, one of column heads, one a line of the table, each ended.
    assert text.count(r"\\") == 1 + len(table.lines)
    assert r"no\_stance & 1 & 0\% & alpha & 0.00 &  \\" in text
    assert r"\begin{tabular}{lrrrrr}" in text


def test_markdown_has_a_row_a_line(corpus):
    (table,) = agreement_tables(corpus)
    rows = table_markdown(table).splitlines()
    assert rows[0].startswith("| annotator against annotator, all votes, codebook 1.0 | n |")
    assert rows[-2:] == ["", "No interval: 6 articles, expected at least 10."]
    assert len(rows) == 2 + len(table.lines) + 2
    assert all(row.count("|") == 8 for row in rows[:-2])


@pytest.mark.parametrize("line", ["stance", "favor"])
def test_no_figure_is_ever_shown_as_nan(small, vote, line):
    lines = lines_of([vote("ann-a", "none"), vote("ann-b", "none")], small)
    assert math.isnan(lines["stance", line].value)
    assert "nan" not in line_text(lines["stance", line])
