"""Offsets in UTF-16 units and in code points tell the same place, whatever the text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.label_studio.offsets import code_point_offset, span_of, utf16_offset

TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)
DOVE = "🕊 said the envoy"  # one code point, two units


@given(TEXTS, st.data())
def test_there_and_back_is_the_identity(text, data):
    offset = data.draw(st.integers(0, len(text)))
    assert code_point_offset(text, utf16_offset(text, offset)) == offset


@given(TEXTS)
def test_every_unit_is_the_beginning_of_a_character_or_refused(text):
    begins = {utf16_offset(text, offset) for offset in range(len(text) + 1)}
    for units in range(utf16_offset(text, len(text)) + 1):
        if units in begins:
            code_point_offset(text, units)
        else:
            with pytest.raises(ValueError, match="inside a character of two UTF-16 units"):
                code_point_offset(text, units)


@pytest.mark.parametrize("units", [-1, 17])
def test_an_offset_outside_the_text_is_refused(units):
    with pytest.raises(ValueError, match="outside a text of 16 UTF-16 units"):
        code_point_offset(DOVE[:-1], units)


@given(TEXTS, st.data())
def test_a_span_is_found_in_code_points(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    words = text[start:end]
    if not words.strip():
        with pytest.raises(ValueError, match="does not stand at"):
            span_of(text, start, end, words)
        return
    first, last = span_of(text, start, end, words)
    assert text[first:last] == words.strip()
    assert start <= first < last <= end


@pytest.mark.parametrize(
    ("start", "end"), [(11, 16), (12, 17)], ids=["code points", "UTF-16 units"]
)
def test_the_words_tell_which_unit_it_is(start, end):
    assert span_of(DOVE, start, end, "envoy") == (11, 16)


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [(10, 15, "envoy"), (11, 99, "envoy"), (16, 11, "envoy"), (-5, 16, "envoy"), (1, 2, " ")],
)
def test_words_that_stand_elsewhere_are_refused(start, end, words):
    message = re.escape(f"{words!r} does not stand at [{start}, {end})")
    with pytest.raises(ValueError, match=message):
        span_of(DOVE, start, end, words)


def test_blanks_are_compared_as_the_page_shows_them():
    # Seen in Chromium: a line break comes as a backslash and an n, two blanks as one.
    text = "First line\nsecond  envoy line"
    assert span_of(text, 6, 27, r"line\nsecond envoy li") == (6, 27)
    assert span_of(text, 10, 19, r"\nsecond ") == (11, 17)
