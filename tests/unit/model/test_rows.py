"""Predictions are written in the promised format, as JSON Lines, CSV and a table."""

import csv
import io
import json

import pytest

from model.prediction import Prediction
from model.rows import (
    article_row,
    sentence_row,
    write_article_table,
    write_csv,
    write_jsonl,
    write_sentence_table,
)

# DESIGN.md, "Formats", row prediction, with the format number first.
KEYS = [
    *("format", "id", "article_id", "start", "end", "text", "title", "outlet", "date", "stance"),
    *("abstained", "stance_score", "stance_scores", "topics", "topic_scores", "holders", "model"),
]
THREE_WAY = {"favor": "favor", "against": "against", "mixed": "none"}


def row(number, stance, topics=(), text="The parties “met”, again.", **facts):
    prediction = Prediction(
        stance=stance,
        abstained=stance is None,
        stance_score=2 / 3,
        stance_scores={"favor": 2 / 3, "against": 1 / 3, "mixed": None},
        topics=tuple(topics),
        topic_scores={"aid": 0.75, "talks": 0.5, "oil": None},
    )
    name = f"a.00{number}"
    return sentence_row(
        prediction, id=name, article_id="a", start=0, end=len(text), text=text, model="d1", **facts
    )


def written(write, rows, **options):
    out = io.StringIO()
    write(rows, out, **options)
    return out.getvalue()


def test_a_row_has_the_promised_keys_in_order_and_rounded_scores():
    found = row(1, "favor", ["aid"], title="T", outlet="O", date="2026-01-02")
    assert list(found) == KEYS
    assert found == {
        "format": 1,
        "id": "a.001",
        "article_id": "a",
        "start": 0,
        "end": 25,
        "text": "The parties “met”, again.",
        "title": "T",
        "outlet": "O",
        "date": "2026-01-02",
        "stance": "favor",
        "abstained": False,
        "stance_score": 0.666667,
        "stance_scores": {"favor": 0.666667, "against": 0.333333, "mixed": None},
        "topics": ["aid"],
        "topic_scores": {"aid": 0.75, "talks": 0.5, "oil": None},
        "holders": [],
        "model": "d1",
    }


def test_json_lines_come_back_equal():
    rows = [row(1, "favor", ["aid"], text="停戦 “now”\n😀"), row(2, None)]
    text = written(write_jsonl, rows)
    assert "停戦" in text
    assert [json.loads(line) for line in text.splitlines()] == rows


def test_csv_has_a_column_a_score_and_survives_commas_quotes_and_line_ends():
    text = 'One, "two";\nthree.'
    rows = [row(1, "favor", ["aid", "talks"], text=text), row(2, None)]
    first, second = csv.DictReader(io.StringIO(written(write_csv, rows)))
    assert list(first) == [
        *KEYS[:12], "stance_score_favor", "stance_score_against", "stance_score_mixed",
        "topics", "topic_score_aid", "topic_score_talks", "topic_score_oil", "holders", "model",
    ]  # fmt: skip
    assert (first["text"], first["topics"], first["stance_score_favor"]) == (
        text, "aid|talks", "0.666667",
    )  # fmt: skip
    assert (second["stance"], second["abstained"], second["stance_score_mixed"]) == ("", "True", "")


@pytest.mark.parametrize("write", [write_jsonl, write_csv, write_article_table])
def test_nothing_to_write_is_nothing(write):
    assert written(write, []) == ""


def test_an_article_has_counts_and_shares_with_denominators():
    rows = [
        row(1, "favor", ["aid"]),
        row(2, "against", ["aid", "talks"]),
        row(3, "favor"),
        row(4, None, ["aid"]),
    ]
    assert article_row(rows) == {
        "format": 1,
        "id": "a",
        "title": "",
        "outlet": "",
        "date": "",
        "n_sentences": 4,
        "n_decided": 3,
        "n_abstained": 1,
        "stance_counts": {"favor": 2, "against": 1, "mixed": 0},
        # Of the three that got a stance; topics of all four.
        "stance_shares": {"favor": 0.666667, "against": 0.333333, "mixed": 0.0},
        "topic_counts": {"aid": 3, "talks": 1, "oil": 0},
        "topic_shares": {"aid": 0.75, "talks": 0.25, "oil": 0.0},
        "model": "d1",
    }


def test_shares_of_nothing_are_none():
    found = article_row([row(1, None)])
    assert (found["n_decided"], found["stance_shares"]) == (0, None)
    assert found["stance_counts"] == {"favor": 0, "against": 0, "mixed": 0}
    assert "1 sentences, 1 abstained" in written(write_article_table, [found])


def test_the_table_shows_every_sentence_wrapped_with_its_stance(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    long = "word " * 30
    rows = [row(1, "favor", ["aid"], title="T", date="2026-01-02"), row(2, None, text=long)]
    shown = written(write_sentence_table, rows, three_way=THREE_WAY, colour=False)
    lines = shown.splitlines()
    assert lines[:2] == ["", "T · 2026-01-02"]
    assert lines[2].split() == ["favor", "67%", "The", "parties", "“met”,", "again."]
    assert lines[3].strip() == "[aid]"
    assert lines[4].split()[:2] == ["abstained", "67%"]
    assert shown.count("word") == 30
    assert max(map(len, lines)) <= 60
    # Text stands in one column.
    assert lines[2].index("The") == lines[4].index("word") == lines[5].index("word")


def test_colours_are_those_of_the_three_way_view():
    rows = [row(1, "favor"), row(2, "against"), row(3, "mixed"), row(4, None)]
    shown = written(write_sentence_table, rows, three_way=THREE_WAY, colour=True)
    codes = [line.split("m", 1)[0] for line in shown.splitlines() if line.startswith("\033[")]
    # Blue, red (as in the interface), and dim for what is neither.
    assert codes == ["\033[34", "\033[31", "\033[2", "\033[2"]


def test_the_article_table_names_denominators():
    shown = written(write_article_table, [article_row([row(1, "favor", ["aid"]), row(2, None)])])
    lines = [line.split() for line in shown.splitlines()]
    assert lines[2:] == [
        ["2", "sentences,", "1", "abstained"],
        ["favor", "1", "of", "1", "100%"],
        ["aid", "1", "of", "2", "50%"],
    ]
