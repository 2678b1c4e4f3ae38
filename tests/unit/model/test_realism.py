"""Written sentences beside real ones: what a classifier, a ruler and a word list say of them."""

import pytest

from model.realism import Text, separability, shape

PLACES = ("Aden", "Bangui", "Cali", "Derna", "Enugu")


def test_sentences_of_one_source_cannot_be_told_apart():
    # Both sides have the same ten sentences: whatever is learned on four folds, equal texts get
    # equal scores, and ties count half.
    def side(name):
        return [
            Text(f"The army {verb} {place}.", name + place)
            for place in PLACES
            for verb in ("left", "shelled")
        ]

    assert separability(side("w"), side("r")) == pytest.approx(0.5)


def test_a_word_that_only_one_side_uses_gives_it_away():
    written = [Text(f"Hope quietly hung over {place} that dawn.", "w" + place) for place in PLACES]
    real = [Text(f"Rebels shelled {place}, the army said.", "r" + place) for place in PLACES]
    assert separability(written, real) == 1.0


def test_names_and_numbers_can_be_hidden():
    # Only the place differs. Masked, both sides read "X army left X." throughout.
    written = [Text(f"The army left Aden on {day}.", f"w{day}") for day in range(5)]
    real = [Text(f"The army left Cali on {day}.", f"r{day}") for day in range(5)]
    assert separability(written, real) == 1.0
    assert separability(written, real, masked=True) == 0.5


def test_clauses_are_counted_by_what_joins_them():
    texts = [
        Text("He left.", "a"),  # 1
        Text("He said that he left when they came.", "a"),  # that, when: 3
    ]
    assert shape(texts).clauses == 2.0


def test_only_sentences_with_holders_count_for_holders_a_sentence():
    texts = [Text("A.", "a", n_holders=n) for n in (0, 1, 2, None)]
    assert shape(texts).holders == 1.5
    assert shape(texts[:1]).holders is None
