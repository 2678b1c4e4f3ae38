"""The page and the instructions of the second pass come from the codebook, and from nothing else."""

from __future__ import annotations

import html
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from corpus.codebook import parse_codebook, read_codebook
from corpus.label_studio.holders_page import NOT_NAMED, holders_instructions, holders_interface

SEEDS = Path(__file__).resolve().parents[3] / "seeds"


@pytest.fixture
def codebook():
    return read_codebook(SEEDS)


@pytest.fixture
def small(small_codebook):
    return parse_codebook(small_codebook, "codebook.toml")


def page(codebook, has_actors=True):
    return ElementTree.fromstring(holders_interface(codebook, has_actors=has_actors))


def test_a_holder_has_any_stance_but_neutral_and_mixed_with_its_key_and_colour(codebook):
    labels = page(codebook).find(".//Labels[@name='holder']")
    assert labels.get("toName") == "sentence"
    assert [(item.get("value"), item.get("hotkey"), item.get("background")) for item in labels] == [
        (value.name, value.hotkey, value.colour)
        for value in codebook.stance.values
        if value.name in ("favor", "conditional", "against")
    ]


def test_each_region_is_asked_for_its_act_and_may_name_its_actor(codebook):
    root = page(codebook)
    act = root.find(".//Choices[@name='holder_act']")
    asked = [act.get(key) for key in ("perRegion", "choice", "required", "whenLabelValue")]
    assert asked == ["true", "single", "true", None]
    assert [item.get("value") for item in act] == list(codebook.names("act"))
    actor = root.find(".//TextArea[@name='holder_actor']")
    assert (actor.get("perRegion"), actor.get("required")) == ("true", None)


def test_the_act_is_asked_only_of_stances_that_ask_it(codebook):
    values = [
        value.model_copy(update={"asks_act": value.name == "against"})
        for value in codebook.stance.values
    ]
    stance = codebook.stance.model_copy(update={"values": values})
    root = page(codebook.model_copy(update={"stance": stance}))
    act = root.find(".//Choices[@name='holder_act']")
    assert act.get("whenLabelValue") == "against"
    [view] = [item for item in root.iter("View") if act in item]
    assert (view.get("visibleWhen"), view.get("whenLabelValue")) == ("region-selected", "against")


def test_what_the_corpus_does_not_have_is_absent(codebook, small):
    assert page(codebook, has_actors=False).find(".//TextArea") is None
    root = page(small, has_actors=False)
    assert [item.get("value") for item in root.iter("Label")] == ["pro", "contra"]
    assert list(root.iter("Choices")) == []


def test_the_sentence_stands_between_its_neighbours_with_what_was_coded(codebook):
    root = page(codebook)
    assert {item.get("name"): item.get("value") for item in root.iter("Text")} == {
        "before": "$before",
        "sentence": "$shown",
        "after": "$after",
    }
    assert "$coded" in [item.get("value") for item in root.iter("Header")]


def test_the_instructions_hold_every_stance_and_act_and_the_line(codebook):
    text = holders_instructions(codebook)
    assert NOT_NAMED in text
    for value in (*codebook.stance.values[:3], *codebook.act.values):
        assert f"<kbd>{value.hotkey}</kbd>" in text
        assert html.escape(value.meaning) in text


def test_label_studio_accepts_the_page(codebook, small):
    label_interface = pytest.importorskip("label_studio_sdk.label_interface")
    for book, has_actors in ((codebook, True), (small, False)):
        text = holders_interface(book, has_actors=has_actors)
        label_interface.LabelInterface(text).validate()
