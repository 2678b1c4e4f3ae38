"""The guidelines explain every value and every rule of the codebook, and use no other label."""

import re
from pathlib import Path

import pytest

from corpus.codebook import read_codebook

SEEDS = Path(__file__).parents[3] / "seeds"
CODEBOOK = read_codebook(SEEDS)
HEADINGS = {"Stance": "stance", "Act": "act", "Topics": "topics", "Flags": "flags"}
WORDS = frozenset(name for layer in HEADINGS.values() for name in CODEBOOK.names(layer))


def sections():
    """(chapter, heading) -> the lines below it, up to the next heading."""
    found, chapter, lines = {}, "", []
    for line in (SEEDS / "GUIDELINES.md").read_text("utf-8").splitlines():
        if line.startswith("## "):
            chapter, lines = line.removeprefix("## "), []
        elif line.startswith("### "):
            lines = found.setdefault((chapter, line.removeprefix("### ").strip("`")), [])
        else:
            lines.append(line)
    return found


SECTIONS = sections()
CASES = [
    (chapter, heading, line)
    for (chapter, heading), lines in SECTIONS.items()
    for line in lines
    if line.startswith(("- Clear:", "- Near miss:"))
]
EXPLAINED = [
    *((chapter, name) for chapter, layer in HEADINGS.items() for name in CODEBOOK.names(layer)),
    *(("Rules", f"{rule.id} {rule.name}") for rule in CODEBOOK.rules),
]


def test_the_headings_are_the_values_and_rules_of_the_codebook_in_its_order():
    chapters = {*HEADINGS, "Rules"}
    assert [key for key in SECTIONS if key[0] in chapters] == EXPLAINED


@pytest.mark.parametrize(("chapter", "heading"), EXPLAINED)
def test_two_clear_cases_and_two_near_misses(chapter, heading):
    lines = SECTIONS[chapter, heading]
    for kind in ("Clear", "Near miss"):
        assert sum(line.startswith(f"- {kind}:") for line in lines) >= 2, kind


def labels_of(line):
    """The labels after the arrow, before the explanation in brackets."""
    after = line.split("→", 1)[1]
    return re.findall(r"`([^`]+)`", after.split(" (", 1)[0])


def test_every_case_quotes_a_sentence_and_gives_its_labels():
    assert CASES
    for _, heading, line in CASES:
        assert re.search(r": “.+” → ", line), (heading, line)


def test_labels_after_the_arrow_are_in_the_codebook():
    for chapter, heading, line in CASES:
        known = set(CODEBOOK.names("topics")) if chapter == "Topics" else WORDS
        assert set(labels_of(line)) <= known, (heading, line)


def test_a_case_has_one_stance_and_an_act_only_where_one_is_asked():
    for chapter, heading, line in CASES:
        if chapter == "Topics":
            continue
        labels = labels_of(line)
        stances = [label for label in labels if label in CODEBOOK.names("stance")]
        acts = [label for label in labels if label in CODEBOOK.names("act")]
        assert len(stances) == 1, (heading, line)
        assert len(acts) == (stances[0] in CODEBOOK.asking_act), (heading, line)


def test_clear_cases_carry_the_label_that_they_explain():
    for chapter, heading, line in CASES:
        if chapter in HEADINGS and line.startswith("- Clear:"):
            assert heading in labels_of(line), (heading, line)


def test_rules_that_are_cited_exist():
    rules = {rule.id for rule in CODEBOOK.rules}
    text = (SEEDS / "GUIDELINES.md").read_text("utf-8")
    assert set(re.findall(r"\bR[0-9]+\b", text)) <= rules
    values = [value for layer in CODEBOOK.layers.values() for value in layer.values]
    for meaning in (value.meaning for value in values):
        assert set(re.findall(r"\bR[0-9]+\b", meaning)) <= rules
