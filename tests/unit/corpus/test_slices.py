"""Every sentence of a dataset is in the slices that a reader would look for."""

import pytest

from corpus.slices import slices_by

NAMES = {"stance": ("favor",), "topics": ("aid", "talks"), "act": ("offer",)}


def row(**columns):
    bare = {"outlet": "", "process": "", "event_date": None, "certain": True}
    return {**bare, "topics": None, "act": None, **columns}


def test_a_sentence_is_in_a_slice_of_each_kind():
    full = row(
        outlet="Wire",
        process="oslo",
        event_date="1993-09-13",
        certain=False,
        topics=["aid", "talks"],
        act="offer",
    )
    assert slices_by([full, row(topics=[]), row()], NAMES) == {
        "outlet": [["Wire"], ["no outlet"], ["no outlet"]],
        "process": [["oslo"], ["no process"], ["no process"]],
        "year": [["1993"], ["no date"], ["no date"]],
        "certainty": [["uncertain"], ["certain"], ["certain"]],
        "topic": [["aid", "talks"], ["no topic"], []],
        "act": [["offer"], ["no act"], ["no act"]],
    }


@pytest.mark.parametrize(
    ("n_years", "name", "last"), [(10, "year", "2009"), (11, "decade", "2010s")]
)
def test_more_than_ten_years_are_decades(n_years, name, last):
    rows = [row(event_date=f"{2000 + n}-05-01") for n in range(n_years)]
    assert slices_by(rows, NAMES)[name][-1] == [last]


def test_a_layer_that_the_codebook_lacks_divides_nothing():
    assert "topic" not in slices_by([row()], {**NAMES, "topics": ()})
    assert "act" not in slices_by([row()], {**NAMES, "act": ()})
