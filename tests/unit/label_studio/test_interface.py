"""The page and the instructions come from the codebook, and from nothing else."""

from __future__ import annotations

import html
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from corpus.codebook import parse_codebook, read_codebook
from corpus.label_studio.interface import instructions, interface

SEEDS = Path(__file__).resolve().parents[3] / "seeds"


@pytest.fixture
def codebook():
    return read_codebook(SEEDS)


@pytest.fixture
def small(small_codebook):
    return parse_codebook(small_codebook, "codebook.toml")


def choices(root, layer):
    return root.findall(f".//Choices[@name='{layer}']/Choice")


def test_every_value_is_a_choice_with_its_key_and_meaning(codebook):
    root = ElementTree.fromstring(interface(codebook))
    for name, layer in codebook.layers.items():
        assert [
            (choice.get("value"), choice.get("hotkey"), choice.get("hint"))
            for choice in choices(root, name)
        ] == [(value.name, value.hotkey, value.meaning) for value in layer.values]


def test_a_value_that_is_gone_stays_valid_and_hidden(small_codebook):
    more = '\n[[recode]]\nlayer = "stance"\nvalue = "mixed"\nversion = "1"\nreason = "split"\n'
    page = interface(parse_codebook(small_codebook + more, "codebook.toml"))
    *shown, gone = choices(ElementTree.fromstring(page), "stance")
    assert ([len(shown), gone.get("value")], gone.get("hotkey")) == ([3, "mixed"], None)
    assert ".parley-stance .lsf-choice:nth-child(n+4) { display: none; }" in page


def test_stance_and_act_take_one_value_and_the_others_several(codebook):
    root = ElementTree.fromstring(interface(codebook))
    controls = {item.get("name"): item for item in root.iter("Choices")}
    assert {name: item.get("choice") for name, item in controls.items()} == {
        "stance": "single",
        "act": "single",
        "topics": "multiple",
        "flags": "multiple",
    }
    assert [name for name, item in controls.items() if item.get("required")] == ["stance", "act"]


def test_act_is_visible_only_when_it_is_asked(codebook):
    root = ElementTree.fromstring(interface(codebook))
    [view] = [item for item in root.iter("View") if item.get("visibleWhen")]
    assert view.get("whenTagName") == "stance"
    assert view.get("whenChoiceValue").split(",") == list(codebook.asking_act)
    assert view.find("Choices").get("name") == "act"


def test_layers_that_are_not_asked_are_absent(small):
    root = ElementTree.fromstring(interface(small))
    assert [item.get("name") for item in root.iter("Choices")] == ["stance"]
    assert [item.get("value") for item in choices(root, "stance")] == ["pro", "contra", "none"]
    assert "act" not in instructions(small).lower().split()


def test_markup_in_a_meaning_is_text(small):
    root = ElementTree.fromstring(interface(small))
    meaning = 'Wants the tram & says "so" <clearly>.'
    assert choices(root, "stance")[0].get("hint") == meaning
    assert "Wants the tram &amp; says &quot;so&quot; &lt;clearly&gt;." in instructions(small)


def test_objects_show_the_sentence_between_its_neighbours(codebook):
    root = ElementTree.fromstring(interface(codebook))
    assert {item.get("name"): item.get("value") for item in root.iter("Text")} == {
        "before": "$before",
        "sentence": "$text",
        "after": "$after",
    }
    assert root.find(".//TextArea").get("name") == "note"
    assert {item.get("toName") for item in root.iter() if item.get("toName")} == {"sentence"}


def test_instructions_hold_every_value_and_rule(codebook):
    text = instructions(codebook)
    for layer in codebook.layers.values():
        for value in layer.values:
            assert f"<kbd>{value.hotkey}</kbd>" in text
            assert f"<b>{value.name}</b>" in text
            assert html.escape(value.meaning) in text
    for rule in codebook.rules:
        assert f"<b>{rule.id} " in text


def test_label_studio_accepts_the_interface(codebook, small):
    label_interface = pytest.importorskip("label_studio_sdk.label_interface")
    for book in (codebook, small):
        label_interface.LabelInterface(interface(book)).validate()
