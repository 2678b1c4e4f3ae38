"""A name is found where it stands, on the days on which it names somebody."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.actors import Actor, by_mention, resolve
from corpus.mentions import mentions_in, names_of

ACTORS = [
    Actor("front", "Lake Liberation Front", "group", ("the Front", "LLF"), until=date(1994, 8, 31)),
    Actor("party", "Lake Party", "party", ("LLF",), since=date(1994, 9, 1)),
    Actor("lake", "Lake", "state", ("US", "U.S.", "Lake's government")),
    Actor("old-lake", "Lake Liberation", "state", until=date(1970, 1, 1)),
    Actor("haifa", "חיפה", "city"),
    Actor("hindi", "संघ", "organisation"),
]
NAMES = names_of(ACTORS)


def found(text, day=None):
    """The mentions as (words, actor)."""
    return [(text[m.start : m.end], m.actor) for m in mentions_in(text, day, NAMES)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # The longest name wins, and what lies in it names nobody else.
        ("Lake Liberation Front men left.", [("Lake Liberation Front", "front")]),
        ("The Lake and the Front met.", [("Lake", "lake"), ("Front", "front")]),
        # Headings are in upper case; a common word in lower case is no name.
        ("LAKE: it told us of a lake in front", [("LAKE", "lake")]),
        ("the US, the U.S. and the USSR", [("US", "lake"), ("U.S.", "lake")]),
        # Whole words, whatever stands beside them.
        ("Lakeside, anti-Lake, Lake's, Lake-led", [("Lake", "lake")] * 3),
        ("Lake’s government said no", [("Lake’s government", "lake")]),
        ("Lake\nParty", [("Lake\nParty", "party")]),
        # Right to left is the same in memory; a letter before the name is another word.
        ("ראש עיריית חיפה אמר", [("חיפה", "haifa")]),
        ("בחיפה", []),
        # A vowel sign goes on with the word: this is another one.
        ("संघ है, संघी नहीं", [("संघ", "hindi")]),
        ("", []),
    ],
)
def test_names_are_found_as_they_are_written(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(1994, 8, 31), [("LLF", "front")]),
        (date(1994, 9, 1), [("LLF", "party")]),
        # Two have it on an unknown day.
        (None, []),
    ],
)
def test_the_day_decides_who_a_name_is(day, expected):
    assert found("The LLF agreed.", day) == expected


def test_a_long_name_that_nobody_has_that_day_leaves_the_shorter_one():
    assert found("Lake Liberation began.", date(1969, 1, 1)) == [("Lake Liberation", "old-lake")]
    assert found("Lake Liberation began.", date(1999, 1, 1)) == [("Lake", "lake")]


def test_no_actor_is_never_named():
    assert mentions_in("The Lake said no.", None, names_of([])) == ()


WORDS = st.sampled_from(
    ["Lake", "Liberation", "Front", "the", "LLF", "US", "said", "חיפה", "’s", "."]
)


@given(st.lists(WORDS, max_size=12), st.sampled_from(["", " ", "\n"]))
def test_mentions_are_names_of_their_actor_in_order(words, between):
    text = between.join(words)
    last_end = 0
    for mention in mentions_in(text, date(1990, 1, 1), NAMES):
        assert last_end <= mention.start < mention.end <= len(text)
        name = text[mention.start : mention.end]
        assert resolve(name, date(1990, 1, 1), by_mention(ACTORS)) == mention.actor
        last_end = mention.end
