"""A corpus that was filled from templates shows: near-duplicates, openings, shared phrases."""

import pytest

from corpus.records import Sentence
from corpus.variety import near_duplicates, openings, shared_phrases, variety

PLAIN = "The envoy told reporters on Monday that both sides had accepted the longer pause."


@pytest.fixture
def sentence():
    def make(name, text):
        return Sentence(name, name.split(".")[0], 0, len(text), text)

    return make


def test_a_sentence_with_one_word_changed_at_its_end_is_a_near_duplicate(sentence):
    # 14 words, ten 5-grams each; the last word is in one of them: 9 shared of 11, 0.82.
    other = PLAIN.replace("pause", "truce")
    far = "Rain closed the mountain road for the third day, and no convoy could pass it."
    items = [sentence("a.001", PLAIN), sentence("b.001", far), sentence("c.001", other)]
    assert near_duplicates(items) == [("a.001", "c.001")]


def test_the_similarity_is_exact_and_not_only_estimated(sentence):
    # Two words changed in the middle: "Monday that" stands in words 6 and 7, so in the 5-grams
    # that start at words 2 to 7: 4 of 10 are shared, 4 of 16 in all.
    items = [
        sentence("a.001", PLAIN),
        sentence("b.001", PLAIN.replace("Monday that", "Friday how")),
    ]
    assert near_duplicates(items, threshold=4 / 16) == [("a.001", "b.001")]
    assert near_duplicates(items, threshold=4 / 16 + 0.01) == []


def test_short_sentences_may_be_equal(sentence):
    items = [
        sentence("a.001", "Talks resume on Monday."),
        sentence("b.001", "Talks resume on Monday."),
    ]
    assert near_duplicates(items) == []


def test_openings_are_three_words_without_case_or_marks(sentence):
    items = [
        sentence("a.001", "The army said no."),
        sentence("a.002", "“The army said” it again."),
        sentence("a.003", "The army says so."),
        sentence("a.004", "Both left."),
    ]
    assert openings(items) == {"the army said": 2, "the army says": 1}


def test_a_phrase_counts_once_an_article_and_from_four_articles_on(sentence):
    items = [sentence(f"{name}.001", "They met in the same hall.") for name in "abcd"]
    # "same old hall": its own phrases stand in three articles only.
    items += [sentence(f"{name}.002", "It was the same old hall.") for name in "abc"]
    items += [sentence("a.003", "They met in the open.")]
    assert shared_phrases(items) == {
        "in the same hall": 4,
        "met in the same": 4,
        "they met in the": 4,
    }


def test_the_figures_of_nothing_are_zero():
    found = variety([])
    assert (found.sentences, found.articles, found.median_words, found.openings) == (0, 0, 0, {})


def test_the_figures_together(sentence):
    found = variety([sentence("a.001", PLAIN), sentence("b.001", PLAIN)])
    assert (found.sentences, found.articles, found.median_words) == (2, 2, 14)
    assert found.near_duplicates == (("a.001", "b.001"),)
    assert found.openings == {"the envoy told": 2}
    assert found.phrases == {}
