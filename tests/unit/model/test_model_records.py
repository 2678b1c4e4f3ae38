"""Examples, labels and settings refuse to exist when they are wrong."""

import dataclasses
import json

import pytest

from model.examples import Example
from model.labels import LabelSet
from model.settings import Settings


def test_spans_count_code_points():
    assert Example("😀 truce", spans=((2, 7),)).text[2:7] == "truce"


@pytest.mark.parametrize(
    "spans",
    [((0, 0),), ((3, 2),), ((-1, 2),), ((0, 6),), ((2, 4), (3, 5)), ((3, 5), (0, 1))],
    ids=["empty", "reversed", "negative", "beyond the end", "overlapping", "descending"],
)
def test_a_span_outside_the_text_is_refused(spans):
    with pytest.raises(ValueError, match="does not fit"):
        Example("truce", spans=spans)


@pytest.mark.parametrize("field", ["text", "before", "after", "target"])
def test_a_lone_surrogate_is_refused_with_its_place(field):
    parts = {"text": "fine", field: "a \ud83d b"}
    with pytest.raises(
        ValueError, match=rf"^{field} has the lone surrogate U\+D83D at character 2"
    ):
        Example(**parts)


def test_labels_survive_json(labels):
    assert LabelSet.from_dict(json.loads(json.dumps(labels.to_dict()))) == labels


def test_three_way_view_is_kept_in_the_codebooks_order(labels):
    shuffled = dict(reversed(labels.three_way.items()))
    again = dataclasses.replace(labels, three_way=shuffled)
    assert tuple(again.three_way) == labels.stance


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"stance": ("favor",)}, "at least two values"),
        ({"stance": ("favor", "favor")}, "names favor twice"),
        ({"topics": ("aid", "aid")}, "topics names aid twice"),
        ({"topics": ("",)}, "topics must be names"),
        ({"neutral": "neutral"}, 'neutral "neutral" is none of favor, conditional'),
        ({"three_way": {"favor": "favor"}}, "three_way and stance differ in against, conditional"),
    ],
)
def test_contradicting_labels_are_refused(labels, changes, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(labels, **changes)


def test_a_three_way_value_outside_the_view_is_refused(labels):
    with pytest.raises(ValueError, match="favor, against, none only"):
        dataclasses.replace(labels, three_way={**labels.three_way, "mixed": "both"})


def test_settings_survive_json():
    settings = Settings(n_columns=1000, c=0.5, max_iter=7)
    assert Settings.from_dict(json.loads(json.dumps(settings.to_dict()))) == settings


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_columns": 3}, "n_columns must be even"),
        ({"n_columns": 0}, "n_columns must be even"),
        ({"n_columns": 2.0}, "whole number"),
        ({"c": 0}, "c must be a number above 0"),
        ({"c": float("nan")}, "c must be a number above 0"),
        ({"max_iter": 0}, "max_iter must be at least 1"),
    ],
)
def test_impossible_settings_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        Settings(**changes)
