"""Offsets at Label Studio's border: its regions count what we count, or UTF-16 units.

The page of Label Studio 1.23 stores code points, as seen in a browser with emoji before the words.
JavaScript counts UTF-16 units, and so do other versions and tools. The words that a region stores
beside its offsets tell the two apart.
"""

from __future__ import annotations

from contextlib import suppress


def utf16_offset(text: str, offset: int) -> int:
    """The UTF-16 units before a code point offset.

    >>> utf16_offset("🕊 peace", 2)
    3
    """
    return len(text[:offset].encode("utf-16-le")) // 2


def code_point_offset(text: str, units: int) -> int:
    """The code points before an offset in UTF-16 units; ValueError where no character begins.

    >>> code_point_offset("🕊 peace", 3)
    2
    """
    data = text.encode("utf-16-le")
    if not 0 <= 2 * units <= len(data):
        raise ValueError(f"{units} lies outside a text of {len(data) // 2} UTF-16 units")
    try:
        return len(data[: 2 * units].decode("utf-16-le"))
    except UnicodeDecodeError:
        raise ValueError(f"{units} lies inside a character of two UTF-16 units") from None


def span_of(text: str, start: int, end: int, words: str) -> tuple[int, int]:
    """Where a region's words stand, in code points, without the blanks around; or ValueError.

    words: as the page shows them, with one blank where the text has several or a line break.
    Offsets that fit in both units are taken as code points.
    """
    spans = [(start, end)]
    with suppress(ValueError):  # then they are code points, or wrong
        spans.append((code_point_offset(text, start), code_point_offset(text, end)))
    for first, last in spans:
        inside = text[first:last] if 0 <= first < last <= len(text) else ""
        if inside.strip() and _shown(inside) == _shown(words):
            return first + len(inside) - len(inside.lstrip()), first + len(inside.rstrip())
    raise ValueError(f"{words!r} does not stand at [{start}, {end})")


def _shown(words: str) -> str:
    """With single blanks; Label Studio writes a line break as a backslash and an n."""
    return " ".join(words.replace("\\n", " ").split())
