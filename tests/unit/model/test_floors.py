"""Floors rise with a reading, and fall only when that is asked for."""

import pytest

from model.errors import ModelError
from model.floors import Floors, new_floors
from model.scores import Score


def scores(three_way, *, low=0.05, topics=0.5):
    def one(value):
        return Score(value, {}, value - low, value + low)

    return {
        "three_way_macro_f1": one(three_way),
        "presence_macro_f1": one(0.75),
        "topics_macro_f1": one(topics),
        "stance_accuracy": one(0.9),
    }


def after(before, found, *, digest="sha256:a", may_fall=False):
    return new_floors(before, found, digest=digest, model="m", may_fall=may_fall)


FIRST = Floors(
    "sha256:a", "m", {"three_way_macro_f1": 0.55, "presence_macro_f1": 0.7, "topics_macro_f1": 0.45}
)


def test_a_floor_is_the_lower_end_of_the_interval_of_what_is_guarded():
    assert after(None, scores(0.6)) == FIRST


def test_a_better_reading_raises_a_floor_and_a_slightly_worse_one_leaves_it():
    assert after(FIRST, scores(0.7)).floors["three_way_macro_f1"] == 0.65
    # 0.56 is above the floor; its own lower end, 0.51, is not, and the floor stays.
    assert after(FIRST, scores(0.56)) == FIRST


def test_a_reading_under_a_floor_breaks_it_and_lowers_it_only_on_demand():
    assert list(FIRST.broken_by(scores(0.5), digest="sha256:a")) == [
        "three-way macro-F1 is 0.500, its floor is 0.5500. Find out why; if it must be so: "
        "python scripts/set_floors.py --lower"
    ]
    with pytest.raises(ModelError, match=r"No floor was changed:\nthree-way macro-F1 is 0.500"):
        after(FIRST, scores(0.5))
    assert after(FIRST, scores(0.5), may_fall=True).floors["three_way_macro_f1"] == 0.45


def test_an_undefined_score_keeps_no_floor():
    undefined = {**scores(0.6), "topics_macro_f1": Score(None, {}, None, None, "undefined: few")}
    (broken,) = FIRST.broken_by(undefined, digest="sha256:a")
    assert broken.startswith("topics macro-F1 is undefined, its floor is 0.4500.")


def test_floors_belong_to_one_test_part():
    (said,) = FIRST.broken_by(scores(0.9), digest="sha256:b")
    assert said == (
        "the last reading is of the test part sha256:b, the floors are of sha256:a. "
        "Set them anew: python scripts/set_floors.py"
    )
    assert after(FIRST, scores(0.61), digest="sha256:b") == Floors(
        "sha256:b", "m", {**FIRST.floors, "three_way_macro_f1": 0.56}
    )
    # Nobody can say whether the part is harder or the model worse.
    with pytest.raises(
        ModelError, match=r"three-way macro-F1: 0.540 on another test part is under"
    ):
        after(FIRST, scores(0.59), digest="sha256:b")


def test_floors_are_read_back_and_anything_else_is_refused():
    assert Floors.from_dict(FIRST.to_dict()) == FIRST
    for damaged in ({}, {**FIRST.to_dict(), "format": 9}, {"format": 1, "digest": "a"}):
        with pytest.raises(ModelError, match="no floors of format 1"):
            Floors.from_dict(damaged)


def test_a_reading_without_intervals_sets_no_floor_and_takes_none_away():
    bare = {name: Score(0.5, {}, None, None, "no interval") for name in scores(0.6)}
    for before in (None, FIRST):
        with pytest.raises(ModelError, match="there is no floor to set"):
            after(before, bare, may_fall=True)
    partly = {**scores(0.6), "topics_macro_f1": Score(0.4, {}, None, None, "no interval")}
    assert after(FIRST, partly, may_fall=True).floors["topics_macro_f1"] == 0.45
