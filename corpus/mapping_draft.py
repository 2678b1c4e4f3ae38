"""A mapping file to start from: what a table seems to hold, for a person to correct."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from corpus.codebook import Codebook
from corpus.findings import CorpusError
from corpus.label_studio.foreign import GIVEN, PERSON
from corpus.mapping import ARTICLE_FIELDS, Source
from corpus.sheets import Table, visible_sheets

UNKNOWN = "?"  # no label, so an unedited draft is refused
SEPARATORS = ";|,\n"
MOST_WORDS = 40  # different words of a column of labels
WORDS = {
    "article": ("article", "doc", "document", "report", "text_id"),
    "annotator": ("coder", "annotator", "rater", "labeller", "labeler", PERSON),
    "when": ("date", "time", "timestamp", "coded_at", GIVEN),
    "note": ("note", "notes", "comment", "comments", "remark", "remarks"),
    "stance": ("stance", "position", "sentiment", "attitude", "label", "code"),
}


def guess_source(path: Path | None) -> Source:
    """What sort of file this is, by its name and its first line; None is a project."""
    suffix = ".json" if path is None else path.suffix.lower()
    if path is None or suffix == ".json":
        return Source(kind="label-studio")
    if suffix in (".xlsx", ".xlsm"):
        try:
            return Source(kind="xlsx", sheet=next(iter(visible_sheets(path)), ""))
        except OSError as error:
            raise CorpusError(f"{path}: cannot be read: {error.strerror}.") from None
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read: {error.strerror}.") from None
    encoding = _encoding(data)
    header = data.decode(encoding, errors="replace").split("\n", 1)[0]
    delimiter = max(",;\t|", key=header.count)
    return Source(kind="csv", delimiter=delimiter, encoding=encoding)


def _encoding(data: bytes) -> str:
    """UTF-8, or what Excel writes otherwise: UTF-16 with its mark, or the European code page."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def draft_mapping(table: Table, source: Source, book: Codebook) -> str:
    """A mapping file with the table's columns and words, and best guesses to be corrected."""
    return "\n".join(_lines(table, source, book)) + "\n"


def _lines(table: Table, source: Source, book: Codebook) -> Iterator[str]:
    words = {column: _words(table, column) for column in table.columns}
    role = _roles(table, words, book)
    yield _comment(f" Drafted from {Path(table.name).name}: every line is a guess. Correct it;")
    yield f'# "{UNKNOWN}" stands for what could not be guessed, "" for no answer. The columns:'
    for column, found in words.items():
        shown = ", ".join(f"{word!r} ({times})" for word, times in found.most_common(4))
        more = f", … {len(found):,} different" if len(found) > 4 else ""
        yield _comment(f"  {column}: {shown}{more}")
    yield "format = 1"
    yield from ("", "[source]", f'kind = "{source.kind}"')
    if source.kind == "csv":
        yield f"delimiter = {_quoted(source.delimiter)}"
        if source.encoding != "utf-8":
            yield f"encoding = {_quoted(source.encoding)}  # are letters with accents right?"
    elif source.kind == "xlsx":
        yield f"sheet = {_quoted(source.sheet)}"
    yield from ("", "[text]", f"column = {_quoted(role['text'])}")
    yield from ("", "[article]  # without a column every text is an article of its own")
    yield _or_comment("column", role["article"])
    yield f"# columns too: order, {', '.join(ARTICLE_FIELDS)}"
    yield '# constant = { licence = "CC-BY-4.0" }'
    yield from ("", "[annotator]  # names never get into the corpus")
    if role["annotator"]:
        yield f"column = {_quoted(role['annotator'])}"
        pairs = {
            name: f"ann-{_letter(at)}" for at, name in enumerate(sorted(words[role["annotator"]]))
        }
        yield f"names = {_table(pairs)}"
    else:
        yield f'constant = "{UNKNOWN}"  # a pseudonym such as "ann-a"; or column and names; or'
        yield '# each = ["MH", "JK"], a column per coder, names = { MH = "ann-a" }, and then'
        yield '# [stance] column = "stance {annotator}"'
    yield from ("", "[when]  # or leave it out and give --date")
    if role["when"]:
        yield f'column = {_quoted(role["when"])}  # format = "%d.%m.%Y" if it is not ISO 8601'
    else:
        yield f'constant = "{UNKNOWN}"  # the day of the coding: 2026-01-31 without quotes'
    for layer in book.layers:
        yield from ("", *_layer(layer, role[layer], table, book))
    if role["note"]:
        yield from ("", "[note]", f"column = {_quoted(role['note'])}")


def _words(table: Table, column: str) -> Counter[str]:
    return Counter(row.cells[column].strip() for row in table.rows if row.is_answer)


def _roles(table: Table, words: Mapping[str, Counter[str]], book: Codebook) -> dict[str, str]:
    """Role -> the column that seems to have it, or "". The longest texts are the sentences."""

    def length(column: str) -> int:
        return sum(len(row.cells[column]) for row in table.rows)

    found = {"text": max(table.columns, key=length)}
    for role in (*WORDS, *book.layers):
        free = [column for column in table.columns if column not in found.values()]
        plain = {column.casefold().removeprefix("data."): column for column in free}
        named = [plain[name] for name in WORDS.get(role, (role,)) if name in plain]
        if role in book.layers:
            spelled = {
                column: _known(_split(words[column])[0], book.names(role)) for column in free
            }
            named += [column for column in spelled if spelled[column] == max(spelled.values()) > 0]
        found[role] = found.get(role) or next(iter(named), "")
    return found


def _layer(layer: str, column: str, table: Table, book: Codebook) -> Iterator[str]:
    """The section of a layer; a comment where no column seems to hold it."""
    if not column and layer != "stance":
        yield f"# [{layer}]  if the file has it: column and values, as in [stance]"
        if layer != "act":
            yield '# and separator = ";", or columns = { column = "label" }, yes = ["1"], no = [""]'
        return
    yield f"[{layer}]"
    yield f"column = {_quoted(column or UNKNOWN)}"
    found = _words(table, column) if column else Counter({UNKNOWN: 1})
    if layer in ("topics", "flags"):
        found, separator = _split(found)
        if separator:
            yield f"separator = {_quoted(separator)}"
    yield f"values = {_table(_guesses(found, book.names(layer)))}"


def _split(words: Counter[str]) -> tuple[Counter[str], str]:
    """The words of cells that list several, and what stands between them ("": nothing)."""
    separator = max(SEPARATORS, key=lambda mark: sum(word.count(mark) for word in words))
    if not any(separator in word for word in words):
        return words, ""
    return Counter(part.strip() for word in words for part in word.split(separator)), separator


def _known(words: Collection[str], labels: Iterable[str]) -> int:
    """How many words are spelled like labels; none in a column of too many words for labels."""
    if len(words) > MOST_WORDS:
        return 0
    return sum(label not in (UNKNOWN, "") for label in _guesses(words, labels).values())


def _guesses(words: Iterable[str], labels: Iterable[str]) -> dict[str, str]:
    """Word -> the label that is spelled like it."""
    known = list(labels)
    found = {}
    for word in sorted(words):
        form = word.casefold().replace(" ", "_")
        nearest = get_close_matches(form, known, n=1, cutoff=0.75)
        found[word] = "" if not word else nearest[0] if nearest else UNKNOWN
    return found


def _letter(number: int) -> str:
    """The letters in turn, then with a number: a, b, …, z, a1, b1."""
    again, at = divmod(number, 26)
    return "abcdefghijklmnopqrstuvwxyz"[at] + (str(again) if again else "")


def _table(pairs: Mapping[str, str]) -> str:
    """An inline table of TOML."""
    return "{ " + ", ".join(f"{_quoted(key)} = {_quoted(pairs[key])}" for key in pairs) + " }"


def _quoted(text: str) -> str:
    """A basic string of TOML; JSON's escapes are TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _or_comment(key: str, column: str) -> str:
    return f"{key} = {_quoted(column)}" if column else f'# {key} = "..."'


def _comment(text: str) -> str:
    """A comment of one line, whatever is in it."""
    return "#" + "".join(char if char.isprintable() else " " for char in text)
