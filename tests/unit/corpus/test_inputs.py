"""Texts to classify: every format, ids kept, and one broken record stops nothing."""

import json

import pytest

from corpus.findings import CorpusError
from corpus.inputs import Source, read_sources


def read(path, **options):
    """The sources, a broken one as the text of its error without the folder."""
    return [
        str(found).replace(str(path), path.name) if isinstance(found, CorpusError) else found
        for found in read_sources(str(path), **options)
    ]


def written(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_text_file_is_one_text_cleaned_and_named_after_the_file(tmp_path):
    path = written(tmp_path, "My report.txt", "\ufeffRe\u0301sume\u0301.\r\n\r\n“No deal.” ")
    assert read(path) == [Source("my-report", "Résumé.\n\n“No deal.”", is_record=False)]


def test_json_lines_keep_ids_and_facts(tmp_path):
    lines = [
        {"id": "A/7", "text": "One.", "title": "T", "outlet": "O", "date": "2026-01-02", "x": 1},
        {"id": 12, "text": "Two.", "title": None},
        {"text": "Three."},
    ]
    path = written(tmp_path, "in.jsonl", "\n\n".join(map(json.dumps, lines)))
    # A record without an id is named after file and line; blank lines count as lines.
    assert read(path) == [
        Source("A/7", "One.", True, "T", "O", "2026-01-02"),
        Source("12", "Two.", True),
        Source("in-jsonl-5", "Three.", True),
    ]


@pytest.mark.parametrize(
    ("name", "delimiter"), [("in.csv", ","), ("in.csv", ";"), ("in.tsv", "\t")]
)
def test_csv_keeps_quotes_and_line_ends_inside_a_field(tmp_path, name, delimiter):
    rows = [["id", "text", "outlet"], ["7", '"One, ""two"";\nthree."', "O"], ["8", "Four.", ""]]
    path = written(tmp_path, name, "\r\n".join(map(delimiter.join, rows)) + "\r\n")
    assert read(path) == [
        Source("7", 'One, "two";\nthree.', True, "", "O"),
        Source("8", "Four.", True),
    ]


def test_other_fields_can_hold_text_and_id(tmp_path):
    path = written(tmp_path, "in.jsonl", '{"nr": 1, "body": "One."}')
    assert read(path, text_field="body", id_field="nr") == [Source("1", "One.", True)]


def test_the_kind_can_be_given(tmp_path):
    path = written(tmp_path, "in.data", '{"text": "One."}')
    assert read(path, kind="jsonl") == [Source("in-data-1", "One.", True)]
    assert read(path) == [Source("in-data", '{"text": "One."}', False)]


def test_broken_json_records_do_not_stop_the_others(tmp_path):
    lines = [
        b'{"text": "One."}',
        b'{"text": ',
        b'["Two."]',
        b'{"body": "Three.", "id": 3}',
        b'{"text": 4}',
        b'{"text": " "}',
        b'{"text": "half \\ud83d"}',
        "{'text': 'für'}".encode("latin-1"),
        b"\x00",
        b'{"text": "Ten.", "n": ' + b"1" * 5000 + b"}",
        b'{"text":' * 100_000,
        b'{"text": "Last."}',
    ]
    path = written(tmp_path, "in.jsonl", b"\n".join(lines))
    found = read(path)
    assert [found[0], found[-1]] == [
        Source("in-jsonl-1", "One.", True),
        Source("in-jsonl-12", "Last.", True),
    ]
    expected = [
        "in.jsonl:2: not JSON: Expecting value at column 10. Expected one object a line.",
        "in.jsonl:3: expected a JSON object, found list.",
        "in.jsonl:4: no field 'text'; its fields: body, id. "
        "Name the one with the text: --text-field NAME",
        "in.jsonl:5: field 'text' is int, expected text.",
        "in.jsonl:6: is empty: there is nothing to classify.",
        "in.jsonl:7: a lone surrogate (half a character) cannot be stored as UTF-8. "
        "Re-export the text, or replace the character.",
        "in.jsonl:8: not UTF-8: byte 0xfc at offset 11. "
        "If it is Latin-1: iconv -f latin1 -t utf-8 FILE",
        "in.jsonl:9: not text: a NUL byte at offset 0. Expected plain text in UTF-8.",
        "in.jsonl:10: not readable: a number has thousands of digits.",
        "in.jsonl:11: not readable: nested too deeply.",
    ]
    assert len(found) == len(expected) + 2
    for problem, start in zip(found[1:-1], expected, strict=True):
        assert problem.startswith(start)


def test_broken_rows_do_not_stop_the_others(tmp_path):
    path = written(tmp_path, "in.csv", "id,text\n1,One.\n2\n3,Three, and more.\n4,Four.\n")
    assert read(path) == [
        Source("1", "One.", True),
        "in.csv:3: field 'text' is NoneType, expected text.",
        "in.csv:4: more fields than the header names. Quote the text.",
        Source("4", "Four.", True),
    ]


def test_csv_that_is_none_is_told_and_what_stood_before_is_kept(tmp_path):
    path = written(tmp_path, "in.csv", 'id,text\n1,One.\n2,"Two" or so.\n3,Three.\n')
    assert read(path) == [
        Source("1", "One.", True),
        "in.csv:3: not CSV: ',' expected after '\"'. The rows after it were not read.",
    ]


@pytest.mark.parametrize("name", ["in.txt", "in.jsonl", "in.csv"])
@pytest.mark.parametrize("content", [b"", b" \n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_says_so(tmp_path, name, content):
    path = written(tmp_path, name, content)
    assert read(path) == [f"{name}: is empty: there is nothing to classify."]


def test_a_header_without_rows_is_empty(tmp_path):
    assert read(written(tmp_path, "in.csv", "id,text\n")) == [
        "in.csv: is empty: there is nothing to classify."
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [("für".encode("latin-1"), "not UTF-8: byte 0xfc at offset 1"), (b"\x7fELF\0", "not text")],
)
@pytest.mark.parametrize("name", ["in.txt", "in.csv"])
def test_what_is_not_utf8_is_one_problem(tmp_path, name, content, words):
    (problem,) = read(written(tmp_path, name, content))
    assert problem.startswith(f"{name}: {words}")


def test_a_file_that_cannot_be_opened_is_one_problem(tmp_path):
    assert read(tmp_path / "no.txt") == ["no.txt: cannot be read: No such file or directory."]
    (tmp_path / "dir.txt").mkdir()
    assert read(tmp_path / "dir.txt") == ["dir.txt: cannot be read: Is a directory."]
