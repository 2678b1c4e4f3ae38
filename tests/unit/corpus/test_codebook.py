"""A codebook is valid as a whole, or every fault of it is listed with its place."""

from pathlib import Path

import pytest

from corpus.codebook import parse_codebook, read_codebook
from corpus.findings import CorpusError

ROOT = Path(__file__).parents[3]
FAULTS = ROOT / "tests/data/codebooks"


def findings_of(text):
    with pytest.raises(CorpusError) as refusal:
        parse_codebook(text, "codebook.toml")
    return [
        (finding.place.removeprefix("codebook.toml: "), finding.code)
        for finding in refusal.value.findings
    ]


@pytest.mark.parametrize("folder", ["seeds", "tests/data/tram"])
def test_both_codebooks_are_valid(folder):
    codebook = read_codebook(ROOT / folder)
    assert set(codebook.three_way.values()) == {"favor", "against", "none"}
    assert codebook.three_way[codebook.neutral] == "none"


def test_values_keep_the_order_of_the_file(small):
    assert small.names("stance") == ("favor", "against", "none")
    assert small.names("topics") == ("talks", "aid")
    assert list(small.layers) == ["stance", "act", "topics", "flags"]
    assert (small.neutral, small.asking_act) == ("none", ("favor", "against"))


def test_a_layer_that_is_not_asked_has_no_names(tram_codebook):
    assert list(tram_codebook.layers) == ["stance"]
    assert tram_codebook.names("act") == tram_codebook.names("topics") == ()


# One file per defect, named after its code; each is the tram codebook with that one fault.
@pytest.mark.parametrize(
    ("code", "place", "words"),
    [
        ("E101", "", "not valid TOML"),
        ("E102", "stance.values[0] (support).hotkey", "valid string; found 1"),
        ("E111", "stance.values[1] (support)", "'support' is already used at stance.values[0]"),
        ("E112", "stance.values[2] (none)", "'1' is already used at stance.values[0] (support)"),
        ("E113", "stance.values[0] (support)", "'u' is reserved by Label Studio"),
        ("E114", "stance.values[0] (support)", "'ä' is not a letter, a digit"),
        ("E115", "stance.values", "exactly one value is neutral = true; found none"),
        ("E116", "stance.values[2] (none)", 'a neutral value belongs to three_way = "none"'),
        ("E117", "stance.values[0] (support)", "the codebook has no [act] layer"),
        ("E118", "act", "no stance value has asks_act = true"),
        ("E119", "renames[0]", "renames 'for' to 'backing', which stance does not have"),
        ("E120", "renames[0]", "'oppose' was renamed and cannot still exist"),
        ("E121", "rules[1]", "R1 is already rules[0]"),
        ("E340", "recode[0]", "is of version '1.1', but the codebook is '1.0'"),
    ],
)
def test_each_fault_has_its_code_and_place(code, place, words):
    path = FAULTS / f"{code}.toml"
    with pytest.raises(CorpusError) as refusal:
        parse_codebook(path.read_text(encoding="utf-8"), "codebook.toml")
    (finding,) = refusal.value.findings
    assert finding.code == code
    assert finding.place == (f"codebook.toml: {place}" if place else "codebook.toml")
    assert words in finding.message


def test_all_faults_are_listed_at_once(small_text):
    # Six faults of six kinds in one file; the places are those of a person's eye, from 0.
    broken = (
        small_text.replace('"Stance"', '"Stance"\nmood = "good"')
        .replace('"against", meaning', '"favor", meaning')
        .replace('hotkey = "3"', 'hotkey = "1"')
        .replace('hotkey = "shift+1"', 'hotkey = "space"')
        .replace('three_way = "favor"', 'three_way = "yes"')
        .replace('id = "R1"', 'id = "1"')
    )
    assert findings_of(broken) == [
        ("act.values[0] (offer)", "E113"),
        ("rules[0] (Target first).id", "E102"),
        ("stance.mood", "E102"),
        ("stance.values[0] (favor).three_way", "E102"),
        ("stance.values[1] (favor)", "E111"),
        ("stance.values[2] (none)", "E112"),
    ]


@pytest.mark.parametrize("key", ["enter", "Space", "ctrl+s", "alt+m", "shift+left", "command+k"])
def test_keys_of_label_studio_and_the_browser_are_reserved(small_text, key):
    broken = small_text.replace('hotkey = "k"', f'hotkey = "{key}"')
    assert findings_of(broken) == [("topics.values[0] (talks)", "E113")]


def test_a_key_clashes_across_layers(small_text):
    broken = small_text.replace('hotkey = "q"', 'hotkey = "d"')
    assert findings_of(broken) == [("flags.values[0] (unsure)", "E112")]


def test_values_without_a_key_do_not_clash(small_text):
    keyless = small_text.replace('hotkey = "k"', 'hotkey = ""').replace('hotkey = "d"', 'hotkey=""')
    assert parse_codebook(keyless, "codebook.toml").names("topics") == ("talks", "aid")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "stance = 3",
        "rules = [1]",
        'renames = "none"',
        "[stance]\nvalues = [1, 2]",
        '[stance]\nvalues = [{ name = ["a"], hotkey = ["1"], neutral = "yes" }]',
        'recode = "none"',
        '[[recode]]\nlayer = ["stance"]\nvalue = {}\nversion = 1',
        '[[renames]]\nlayer = ["stance"]\nold = ["a"]\nnew = ["b"]\nversion = 1',
        '[stance]\nvalues = [{ name = ["a"] }]\n[[renames]]\nlayer = "stance"\nold = {}\nnew = []',
    ],
)
def test_any_shape_is_a_finding_and_never_a_crash(text):
    assert "E102" in {code for _, code in findings_of(text)}


def test_a_missing_file_says_how_a_corpus_starts(tmp_path):
    with pytest.raises(
        CorpusError, match=r"codebook.toml: not found\. .* `make new-corpus CORPUS="
    ):
        read_codebook(tmp_path)


def test_problems_of_an_annotation_are_told_in_words(small, vote):
    wrong = vote(stance="favour", act="offer", topics=("aid", "oil"), flags=("odd",))
    assert list(small.problems_of(wrong)) == [
        "stance 'favour' is not in codebook 1.0 (favor, against, none). "
        "Correct the label, or add the value to codebook.toml.",
        "topics 'oil' is not in codebook 1.0 (talks, aid). "
        "Correct the label, or add the value to codebook.toml.",
        "flags 'odd' is not in codebook 1.0 (unsure). "
        "Correct the label, or add the value to codebook.toml.",
        "act 'offer' was given, but the act is asked only when the stance is favor or against; "
        "the stance is favour. Correct one of them.",
    ]
    assert list(small.problems_of(vote(stance="favor", act="offer", topics=()))) == []


def test_a_renamed_label_names_its_new_name(small_text, vote):
    renamed = small_text + (
        '\n[[renames]]\nlayer = "stance"\nold = "pro"\nnew = "favor"\nversion = "1.0"\n'
    )
    (problem,) = parse_codebook(renamed, "codebook.toml").problems_of(vote(stance="pro"))
    assert problem.endswith("It was renamed to 'favor' in version 1.0: `make migrate`.")
