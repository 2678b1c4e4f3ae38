"""Which columns a sentence touches, and how often.

The same column numbers and counts as scikit-learn's `HashingVectorizer`, without scikit-learn, so
that classifying needs no import of it. Words fill the first half of the columns, characters the
second. Property tests hold this module to scikit-learn 1.9: `sklearn/feature_extraction/text.py`
(`_word_ngrams`, `_char_wb_ngrams`) and `_hashing_fast.pyx`.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import mmh3
import numpy as np
import numpy.typing as npt

from model.examples import Example

WORD_NGRAMS = (1, 2)
CHARACTER_NGRAMS = (2, 5)
_WORD = re.compile(r"\b\w\w+\b")


def text_of(example: Example) -> str:
    """The text that is hashed: for now the sentence alone, without its neighbours."""
    return example.text


def word_ngrams(text: str) -> Iterator[str]:
    """The lower-cased words of two letters or more, and the pairs of neighbours.

    >>> list(word_ngrams("A truce, at last."))
    ['truce', 'at', 'last', 'truce at', 'at last']
    """
    words = _WORD.findall(text.lower())
    yield from words
    for first, second in pairwise(words):
        yield f"{first} {second}"


def character_ngrams(text: str) -> Iterator[str]:
    """Runs of two to five characters inside each lower-cased word and its two border spaces.

    A word is what white space separates, so punctuation stays with it. A word shorter than a run
    is counted once, whole, as scikit-learn does:

    >>> list(character_ngrams("I go"))
    [' i', 'i ', ' i ', ' g', 'go', 'o ', ' go', 'go ', ' go ']
    """
    shortest, longest = CHARACTER_NGRAMS
    for word in text.lower().split():
        padded = f" {word} "
        for length in range(shortest, min(longest, len(padded)) + 1):
            for start in range(len(padded) - length + 1):
                yield padded[start : start + length]


def column_counts(
    text: str, n_columns: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """The columns that a text touches, ascending, and how often it touches each.

    Both arrays have shape (n_touched,); n_columns is even, words below n_columns / 2. The hash is
    MurmurHash3 (x86, 32 bit, seed 0) of the UTF-8 bytes, signed; the column is its absolute value
    modulo n_columns / 2. Python's abs has no overflow at -2^31, and 2^31 modulo the number of
    columns is what scikit-learn defines for that one case.
    Raises UnicodeEncodeError for a lone surrogate, which `Example` refuses.
    """
    half = n_columns // 2
    counts: Counter[int] = Counter()
    for first_column, ngrams in ((0, word_ngrams(text)), (half, character_ngrams(text))):
        for ngram, count in Counter(ngrams).items():
            counts[first_column + abs(mmh3.hash(ngram.encode("utf-8"))) % half] += count
    columns = sorted(counts)
    return (
        np.array(columns, dtype=np.int64),
        np.array([counts[column] for column in columns], dtype=np.float64),
    )
