"""Names are masked and swapped where they stand, and nothing else changes."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.audit_variants import (
    ALIAS,
    ANOTHER,
    EXCHANGED,
    WORD,
    WORDS,
    Mention,
    NamingSentence,
    masked,
    names_in_use,
    variants,
)

KINDS = {"hamas": "group", "fatah": "group", "egypt": "state", "qatar": "state", "un": "body"}


def naming(text, **names):
    """A sentence whose actors stand under the names given, wherever these occur."""
    places = sorted(
        (start, start + len(name), actor)
        for actor, name in names.items()
        for start in range(len(text))
        if text.startswith(name, start)
    )
    mentions = tuple(Mention(*place) for place in places)
    return NamingSentence("s", text, "favor", "a", "g", mentions)


def texts(sentences, kind, *, n_draws=50, row=0):
    found = variants(sentences, KINDS, n_draws=n_draws, seed=0)[kind]
    return {variant.text for variant in found if variant.row == row}


SENTENCES = [
    naming("Hamas told Egypt on Monday that Hamas agrees.", hamas="Hamas", egypt="Egypt"),
    naming("In Rafah the Fatah men left.", fatah="Fatah"),
    naming("On Friday Doha spoke.", qatar="Doha"),
    naming("On Friday Qatar spoke.", qatar="Qatar"),
    naming("Qatar spoke.", qatar="Qatar"),
    naming("UN", un="UN"),
    naming("Nobody spoke."),
]


def test_every_mention_of_the_actors_is_masked():
    assert masked(SENTENCES[0], ["hamas", "egypt"]) == "X told X on Monday that X agrees."
    assert masked(SENTENCES[0], ["hamas"]) == "X told Egypt on Monday that X agrees."
    assert masked(SENTENCES[-1], []) == "Nobody spoke."


def test_another_actor_of_its_kind_takes_every_place_under_its_usual_name():
    assert texts(SENTENCES, ANOTHER) == {
        "Fatah told Egypt on Monday that Fatah agrees.",
        "Hamas told Qatar on Monday that Hamas agrees.",  # more often than Doha
    }
    assert texts(SENTENCES, ANOTHER, row=5) == set()  # there is no other body


def test_an_actor_that_is_named_more_often_is_drawn_more_often():
    many = [*[naming("Qatar spoke.", qatar="Qatar")] * 9, naming("Hamas spoke.", hamas="Hamas")]
    found = variants(
        [naming("Fatah spoke.", fatah="Fatah"), *many],
        dict.fromkeys(KINDS, "any"),
        n_draws=500,
        seed=0,
    )[ANOTHER]
    drawn = Counter(variant.text for variant in found if variant.row == 0)
    assert drawn["Qatar spoke."] > 5 * drawn["Hamas spoke."] > 0  # nine to one


def test_another_name_is_one_that_the_sentences_use():
    assert names_in_use(SENTENCES)["qatar"] == {"Qatar": 2, "Doha": 1}
    assert texts(SENTENCES, ALIAS, row=2) == {"On Friday Qatar spoke."}
    assert texts(SENTENCES, ALIAS) == set()


def test_the_controls_leave_the_actors_alone():
    # The capitalised words that are no names and begin no sentence: Monday, Rafah, Friday (twice).
    assert texts(SENTENCES, WORD) == {
        f"Hamas told Egypt on {word} that Hamas agrees." for word in ("Rafah", "Friday")
    }
    found = texts(SENTENCES, WORDS)
    assert "Hamas Monday Egypt on told that Hamas agrees." in found
    assert all(text.startswith("Hamas ") and " Egypt " in text for text in found)


def test_two_actors_change_places_in_sentences_that_name_two():
    assert texts(SENTENCES, EXCHANGED) == {"Egypt told Hamas on Monday that Egypt agrees."}
    assert texts(SENTENCES, EXCHANGED, row=1) == set()


def test_names_from_right_to_left_are_replaced_in_place():
    sentence = naming("ראש עיריית חיפה אמר", egypt="חיפה")
    assert masked(sentence, sentence.actors) == "ראש עיריית X אמר"


@pytest.mark.parametrize("place", [(3, 3), (-1, 2), (0, 99)])
def test_a_mention_outside_the_text_is_refused(place):
    with pytest.raises(ValueError, match=r"s: the mention .* does not fit"):
        NamingSentence("s", "Hamas", "favor", "a", "g", (Mention(*place, "hamas"),))


def test_overlapping_mentions_are_refused():
    mentions = (Mention(0, 5, "hamas"), Mention(4, 6, "un"))
    with pytest.raises(ValueError, match="expected 5 <= start"):
        NamingSentence("s", "Hamas and", "favor", "a", "g", mentions)


PARTS = st.tuples(
    st.text("ab. ש\U0001f600", max_size=4), st.sampled_from(["hamas", "fatah", "un", None])
)


@given(st.lists(PARTS, max_size=8), st.integers(0, 3))
def test_what_is_no_name_stays(parts, seed):
    text, mentions, between = "", [], [""]
    for words, actor in parts:
        text += words
        between[-1] += words
        if actor:
            mentions.append(Mention(len(text), len(text) + len(actor), actor))
            text += actor
            between.append("")
    sentence = NamingSentence("s", text, "favor", "a", "g", tuple(mentions))
    assert masked(sentence, sentence.actors) == "X".join(between)
    other = naming("Fatah, Hamas, UN", fatah="Fatah", hamas="Hamas", un="UN")
    found = variants([sentence, other], KINDS, n_draws=2, seed=seed)
    for variant in found[ANOTHER] + found[ALIAS]:
        rest = variant.text if variant.row == 0 else "".join(between)
        for words in between:
            assert words in rest
            rest = rest[rest.index(words) + len(words) :]
