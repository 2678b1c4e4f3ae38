"""JSON Lines, the one way this project stores lists: a record a line, every fault with its line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from corpus.files import read_text, write_text
from corpus.findings import CorpusError


def read_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line number from 1, object) for each line that is not blank."""
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if line.strip():
            yield number, parse_object(line, f"{path}:{number}")


def parse_object(line: str, place: str) -> dict[str, Any]:
    r"""One JSON object with text that UTF-8 can carry.

    >>> parse_object('{"text": "\\ud83d"}', "in.jsonl:3")
    Traceback (most recent call last):
    corpus.findings.CorpusError: in.jsonl:3: a lone surrogate (half a character) cannot be ...
    """
    try:
        value = json.loads(line)
    except json.JSONDecodeError as error:
        raise CorpusError(
            f"{place}: not JSON: {error.msg} at column {error.colno}. Expected one object a line."
        ) from None
    except RecursionError:
        raise CorpusError(f"{place}: not readable: nested too deeply.") from None
    except ValueError:  # Python refuses to read such a number
        raise CorpusError(f"{place}: not readable: a number has thousands of digits.") from None
    if not isinstance(value, dict):
        raise CorpusError(f"{place}: expected a JSON object, found {type(value).__name__}.")
    if "\\u" in line:
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise CorpusError(
                f"{place}: a lone surrogate (half a character) cannot be stored as UTF-8. "
                "Re-export the text, or replace the character."
            ) from None
    return value


def dump_line(record: Mapping[str, Any]) -> str:
    """The record as one line, keys in the order given, characters as they are."""
    return json.dumps(record, ensure_ascii=False, separators=(", ", ": ")) + "\n"


def write_lines(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Write all records at once; readers never see a part of them."""
    write_text(path, "".join(dump_line(record) for record in records))


def append_lines(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Append, atomically: the whole file is written aside with the new lines at its end."""
    new = "".join(dump_line(record) for record in records)
    if not new:
        return
    old = read_text(path) if path.exists() else ""
    if old and not old.endswith("\n"):
        old += "\n"
    write_text(path, old + new)
