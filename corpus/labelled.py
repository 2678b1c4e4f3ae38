"""Labelled files of somebody else: their texts and labels, and where these come from.

JSON Lines, an item a line; which field holds what is the user's to say. Texts stay as they are, for
spans point into them.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from corpus.findings import CorpusError, Finding, raise_errors
from corpus.jsonl import read_lines

Time = date | float


@dataclass(frozen=True, slots=True)
class Fields:
    """The names of the fields; None: the file has none, or nobody needs it."""

    text: str = "text"
    label: str = "label"
    group: str | None = None
    target: str | None = None
    span: tuple[str, str] | None = None
    time: str | None = None


@dataclass(frozen=True, slots=True)
class Labelled:
    """One labelled text. group, target: empty without such a field; place: its file and line.

    span: where the target stands in `text`, in code points, half-open; time: a day, or a number
    such as a year.
    """

    place: str
    id: str
    text: str
    label: str
    group: str = ""
    target: str = ""
    span: tuple[int, int] | None = None
    time: Time | None = None


def read_labelled(
    path: Path, fields: Fields, *, labels: Collection[str] = (), codebook: str = ""
) -> list[Labelled]:
    """The items of a file, at least one; CorpusError lists all that is wrong with it.

    Labels and groups that are whole numbers become text. The id is the field "id", else the line.
    labels: the only ones that are allowed, those of the codebook; none means any.
    """
    items: list[Labelled] = []
    findings: list[Finding] = []
    for number, record in read_lines(path):
        place = f"{path}:{number}"
        faults = list(_faults(record, fields))
        findings += (Finding(place, "E381", fault) for fault in faults)
        if faults:
            continue
        item = _item(record, fields, place, number)
        if labels and item.label not in labels:
            known = f"not in codebook {codebook} ({', '.join(labels)})"
            findings.append(Finding(place, "E382", f'{fields.label} "{item.label}" is {known}.'))
        items.append(item)
    raise_errors(findings)
    if not items:
        raise CorpusError(f"{path}: is empty: expected a labelled item a line.")
    return items


def split_by_time(
    items: Sequence[Labelled], cut: str
) -> tuple[list[Labelled], list[Labelled], Time]:
    """The items before the cut, those from it on, and the cut.

    cut: a day ("2024-05-01"), a number (a year), or the share of items before it ("0.8"); items of
    one time stay together, so fewer may lie before it. CorpusError when a side is empty.
    """
    times = [item.time for item in items if item.time is not None]
    if len({type(time) for time in times}) > 1:
        raise CorpusError("Some times are days, others numbers: write all of them in one way.")
    ordered: list[Any] = sorted(times)  # of one type, which mypy cannot know
    try:
        border: Any = date.fromisoformat(cut) if cut.count("-") == 2 else float(cut)
    except ValueError:
        raise CorpusError(
            f"--cut {cut}: expected a day as 2024-05-01, a year, or a share such as 0.8."
        ) from None
    if isinstance(border, float) and 0 < border < 1:
        border = ordered[int(border * len(ordered))]
    extent = f"The times run from {ordered[0]} to {ordered[-1]}"
    if type(border) is not type(ordered[0]):
        raise CorpusError(f"--cut {cut} is of another kind than the times. {extent}.")
    before = [item for item in items if item.time is not None and item.time < border]
    after = [item for item in items if item.time is not None and not item.time < border]
    if not before or not after:
        raise CorpusError(
            f"No item lies {'after' if before else 'before'} {border}, where the split by time "
            f"cuts. {extent}: choose another --cut."
        )
    return before, after, border


def _faults(record: Mapping[str, Any], fields: Fields) -> list[str]:
    """What is wrong with one record, in words."""
    texts = {name for name in (fields.text, fields.target) if name}
    names = [name for name in (fields.text, fields.label, fields.group, fields.target) if name]
    missing = [
        name
        for name in names
        if record.get(name) is None or (name in texts and not isinstance(record[name], str))
    ]
    if missing:
        known = ", ".join(record) or "none"
        return [f"no text in {', '.join(missing)}; its fields: {known}. Name the right one."]
    if not record[fields.text].strip():
        return [f"{fields.text} is empty. Leave the line out, or repair it."]
    faults = []
    for name in filter(None, (fields.label, fields.group)):
        if type(record[name]) not in (str, int) or record[name] == "":
            faults.append(f"{name} is {record[name]!r}; expected a name or a whole number.")
    if fields.span:
        start, end = (record.get(name) for name in fields.span)
        length = len(record[fields.text])
        if type(start) is not int or type(end) is not int or not 0 <= start < end <= length:
            faults.append(
                f"{', '.join(fields.span)} are {_shown(start)}, {_shown(end)}; expected 0 <= start "
                f"< end <= {length}, the length of the text in characters."
            )
    if fields.time and _time(record.get(fields.time)) is None:
        faults.append(
            f"{fields.time} is {_shown(record.get(fields.time))}; expected a day as 2024-05-01, or "
            "a number such as a year."
        )
    return faults


def _item(record: Mapping[str, Any], fields: Fields, place: str, number: int) -> Labelled:
    return Labelled(
        place,
        str(record.get("id", number)),
        record[fields.text],
        str(record[fields.label]),
        str(record[fields.group]) if fields.group else "",
        record[fields.target] if fields.target else "",
        (record[fields.span[0]], record[fields.span[1]]) if fields.span else None,
        _time(record[fields.time]) if fields.time else None,
    )


def _time(value: object) -> Time | None:
    """A day or a number; None for anything else. A time of day is cut off."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value[:10])
        except ValueError:
            return None
    is_number = type(value) in (int, float) and math.isfinite(float(str(value)))
    return float(str(value)) if is_number else None


def _shown(value: object) -> str:
    return "missing" if value is None else repr(value)
