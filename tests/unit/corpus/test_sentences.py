"""Sentences point into their article, and a frozen file stays what it was."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.articles import add_article, clean_text, read_articles
from corpus.findings import CorpusError
from corpus.records import Article, RecordError, Sentence
from corpus.sentences import (
    freeze_sentences,
    is_hard_wrapped,
    neighbours,
    read_sentences,
    sentence_path,
    split_article,
    split_spans,
)

# Pieces that a splitter stumbles over, glued together at random, beside any text at all.
PIECES = ["The U.S. ", "10-month ", "“No.” ", "Mr. Lee ", "\n", "\n\n", "?!", "…", "\u3000", "\u200b",
          "\u00a0", "e.g. ", "(", ")", "a", "A. ", "1. ", "停戦。", "😀 ", "\t", "'", "\x85"]  # fmt: skip
texts = st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join)).map(clean_text)


@given(texts, st.booleans())
def test_spans_are_tight_and_ordered_and_leave_out_only_white_space(text, one_per_line):
    spans = split_spans(text, one_per_line=one_per_line)
    at = 0
    for start, end in spans:
        assert at <= start < end
        assert text[at:start].strip() == ""
        assert text[start:end] == text[start:end].strip()
        at = end
    assert text[at:].strip() == ""


def sentences_of(text, **options):
    return [text[start:end] for start, end in split_spans(text, **options)]


@pytest.mark.parametrize(
    "sentences",
    [
        ["Talks in the U.S. resumed.", "A 10-month truce held."],
        ["“We agree.”", "The envoy left."],
        ["“We agree,” he said.", "“It holds.”"],
        ['"Is it over?" she asked.', "No."],
        ["Mr. Smith met Gen. Lee at 5 p.m. on Monday.", "They left."],
        ["It costs 2.5 million.", "Nobody pays."],
    ],
)
def test_abbreviations_and_quotes(sentences):
    assert sentences_of(" ".join(sentences)) == sentences


def test_a_line_is_a_paragraph_where_lines_end_sentences():
    text = "Talks resume.\nThe envoys met. They left.\n\nA heading without a stop"
    assert not is_hard_wrapped(text)
    assert sentences_of(text) == [
        "Talks resume.",
        "The envoys met.",
        "They left.",
        "A heading without a stop",
    ]


def test_a_line_break_is_a_space_where_text_is_hard_wrapped():
    text = "The envoys met on\nMonday in the old\ncapital. They left\nearly.\n\nTalks go\non."
    assert is_hard_wrapped(text)
    assert sentences_of(text) == [
        "The envoys met on\nMonday in the old\ncapital.",
        "They left\nearly.",
        "Talks go\non.",
    ]


def test_one_sentence_a_line_is_taken_at_its_word():
    text = "One. Two.\n\n  three without a stop\nfour"
    assert sentences_of(text, one_per_line=True) == ["One. Two.", "three without a stop", "four"]


def test_offsets_count_code_points_of_the_article():
    # 😀 is one code point (two UTF-16 units): "😀 Yes." is [0, 6), and "No." stands at [7, 10).
    assert split_article(Article("a", "😀 Yes. No.")) == [
        Sentence("a.001", "a", 0, 6, "😀 Yes."),
        Sentence("a.002", "a", 7, 10, "No."),
    ]


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (0, 0), (3, 2), (0, 4)])
def test_a_sentence_fits_its_offsets(start, end):
    with pytest.raises(RecordError, match="does not fit its text"):
        Sentence("a.001", "a", start, end, "Yes")


def frozen(folder):
    articles = read_articles(folder)
    made = freeze_sentences(folder, articles)
    return articles, made


def test_frozen_sentences_come_back(folder_with):
    folder = folder_with(b="Yes. No.", a="Perhaps.")
    articles, made = frozen(folder)
    assert made == {"a": 1, "b": 2}
    assert list(read_sentences(folder, articles).values()) == [
        Sentence("a.001", "a", 0, 8, "Perhaps."),
        Sentence("b.001", "b", 0, 4, "Yes."),
        Sentence("b.002", "b", 5, 8, "No."),
    ]


def test_frozen_articles_are_not_split_again(folder_with):
    folder = folder_with(a="Yes. No.")
    frozen(folder)
    path = sentence_path(folder, "a")
    # A file as another splitter would have written it: one sentence, not two.
    record = json.loads(path.read_text().splitlines()[0])
    whole = Sentence("a.001", "a", 0, 8, "Yes. No.")
    path.write_text(json.dumps({**record, "end": 8, "digest": whole.digest}) + "\n")
    add_article(folder, Article("b", "Perhaps."))
    articles, made = frozen(folder)
    assert made == {"b": 1}
    assert read_sentences(folder, articles)["a.001"] == whole


@pytest.mark.parametrize(
    ("code", "changes", "words"),
    [
        ("E142", {"format": 2}, "format is not 1"),
        ("E142", {"end": 9}, "does not fit its text"),
        ("E142", {"start": 4}, "the digest does not fit the text at [4, 8)"),
        ("E142", {"start": "5"}, "start and end whole numbers"),
        ("E142", {"article_id": "b"}, "article_id is 'b', expected 'a'"),
        ("E142", {"digest": "sha256:0"}, "the digest does not fit"),
        ("E143", {"id": "a.001"}, "the id a.001 is used twice"),
    ],
)
def test_a_frozen_sentence_that_no_longer_fits_is_a_finding(folder_with, code, changes, words):
    folder = folder_with(a="Yes. No.")
    articles, _ = frozen(folder)
    path = sentence_path(folder, "a")
    first, second = path.read_text().splitlines()
    path.write_text(f"{first}\n{json.dumps(json.loads(second) | changes)}\n")
    with pytest.raises(CorpusError) as refusal:
        read_sentences(folder, articles)
    (finding,) = refusal.value.findings
    assert (finding.code, finding.place) == (code, f"{path}:2")
    assert words in finding.message


def test_a_missing_key_is_named(folder_with):
    folder = folder_with(a="Yes.")
    articles, _ = frozen(folder)
    path = sentence_path(folder, "a")
    record = json.loads(path.read_text())
    del record["digest"]
    path.write_text(json.dumps(record))
    with pytest.raises(CorpusError, match=r"E142 not a sentence of its article: digest is missing"):
        read_sentences(folder, articles)


def test_overlapping_sentences_are_a_finding(folder_with):
    folder = folder_with(a="Yes. No.")
    articles, _ = frozen(folder)
    path = sentence_path(folder, "a")
    first, _ = path.read_text().splitlines()
    again = json.loads(first) | {"id": "a.002"}
    path.write_text(f"{first}\n{json.dumps(again)}\n")
    with pytest.raises(CorpusError, match=r":2: E144 overlaps the sentence before it"):
        read_sentences(folder, articles)


def test_sentences_without_their_article_are_a_finding(folder_with):
    folder = folder_with(a="Yes.")
    frozen(folder)
    with pytest.raises(CorpusError, match=r"a.jsonl: E141 there is no article a"):
        read_sentences(folder, {})


def test_neighbours_stay_within_the_article(folder_with):
    folder = folder_with(a="Yes. No.", b="Perhaps.")
    articles, _ = frozen(folder)
    assert neighbours(read_sentences(folder, articles)) == {
        "a.001": ("", "No."),
        "a.002": ("Yes.", ""),
        "b.001": ("", ""),
    }
