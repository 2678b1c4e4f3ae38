"""The features equal scikit-learn's HashingVectorizer, column by column and count by count."""

import mmh3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import HashingVectorizer

from model.features import column_counts

# Any characters but surrogates, and more of those that lower-casing, \w, \s and split() treat
# differently: dotted capital I, sharp and long s, Greek sigma, combining marks, digits that are no
# decimals, every kind of white space, separators that only str.split knows, zero-width characters.
TRICKY = (
    "İıßſΣςＡǅ²½٣_'’-\u0301\u0345\u200b\u200d\ufeff\x1c\x1f\x85\xa0\u2028\u3000\t\n\r\v 𝒜😀\x00"
)
TEXTS = st.one_of(
    st.text(max_size=60),
    st.text(alphabet=st.sampled_from(TRICKY + "abAB"), max_size=40),
    st.lists(st.text(max_size=8), max_size=8).map(" ".join),
)


def sklearn_counts(text: str, n_columns: int) -> dict[int, float]:
    half = n_columns // 2
    settings = {"n_features": half, "alternate_sign": False, "norm": None}
    words = HashingVectorizer(ngram_range=(1, 2), **settings).transform([text])
    characters = HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5), **settings)
    counted = dict(zip(words.indices.tolist(), words.data.tolist(), strict=True))
    in_characters = characters.transform([text])
    return counted | {
        half + column: count
        for column, count in zip(
            in_characters.indices.tolist(), in_characters.data.tolist(), strict=True
        )
    }


def own_counts(text: str, n_columns: int) -> dict[int, float]:
    columns, counts = column_counts(text, n_columns)
    assert columns.tolist() == sorted(columns.tolist())
    return dict(zip(columns.tolist(), counts.tolist(), strict=True))


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_columns_and_counts_equal_the_hashing_vectorizer(text):
    assert own_counts(text, 2**18) == sklearn_counts(text, 2**18)


@settings(max_examples=100, deadline=None)
@given(TEXTS, st.sampled_from([2, 14, 2000, 2**20]))
def test_any_even_number_of_columns_equals_the_hashing_vectorizer(text, n_columns):
    assert own_counts(text, n_columns) == sklearn_counts(text, n_columns)


@pytest.mark.parametrize("half", [2**17, 1000])
def test_the_one_hash_without_an_absolute_value_has_scikit_learns_column(half):
    # The eight letters were found by running MurmurHash3 backwards from 0x80000000.
    word = "akqlrggi"
    assert mmh3.hash(word) == -(2**31)
    # 2^31 modulo 2^17 is 0, modulo 1000 it is 648.
    assert (2**31 % half) in own_counts(word, 2 * half)
    assert own_counts(word, 2 * half) == sklearn_counts(word, 2 * half)


def test_counts_of_a_sentence_by_hand():
    columns, counts = column_counts("Go, go", 2**18)
    # Words: "go" twice and "go go" once. Characters: " go, " has 4 + 3 + 2 + 1 runs, " go " has
    # 3 + 2 + 1; shared are " g", "go", " go": 16 runs, of which 13 differ.
    words = columns < 2**17
    assert sorted(counts[words]) == [1, 2]
    assert counts[~words].sum() == 16
    assert len(counts[~words]) == 13


@pytest.mark.parametrize("text", ["", " \n", "\u2028"])
def test_a_text_without_any_character_touches_no_column(text):
    columns, counts = column_counts(text, 2**18)
    assert (columns.dtype, counts.dtype) == (np.int64, np.float64)
    assert len(columns) == len(counts) == 0
