"""Another project's JSON export as rows: an answer a row, nothing that was said is lost."""

import json
from pathlib import Path

import pytest

from corpus.codings import read_codings
from corpus.findings import CorpusError
from corpus.label_studio.foreign import read_tasks
from corpus.mapping import read_mapping

DATA = Path(__file__).parents[2] / "data/codings"


@pytest.fixture
def export():
    return json.loads((DATA / "truce-export.json").read_text("utf-8"))


def choices(name, *values, kind="choices"):
    key = {"textarea": "text"}.get(kind, kind)
    value = list(values) if kind in ("choices", "textarea") else values[0]
    return {"from_name": name, "to_name": "t", "type": kind, "value": {key: value}}


def test_every_answer_is_a_row_and_a_task_without_one_too(export):
    table = read_tasks(export, "x.json")
    first = {
        "data.body": "The generals accepted the truce on Friday.",
        "data.report": "Report 7",
        "data.paper": "Bote",
    }
    rows = {row.source: row for row in table.rows}
    assert list(rows) == [
        "label-studio-foreign/annotation-1@2031-06-01T08:00:00Z",
        "label-studio-foreign/annotation-2@2031-06-01T09:00:00Z",
        "label-studio-foreign/annotation-3@2031-06-01T08:01:00Z",
        "label-studio-foreign/task-43",
    ]
    one, two, three, none = rows.values()
    assert (one.number, one.seconds, one.is_skipped) == (41, 12.5, False)
    assert one.cells == first | {
        "completed_by": "1",
        "updated_at": "2031-06-01T08:00:00.250Z",
        "sentiment": "For the truce",
        "themes": "Food & aid\nTalking",
        "why": "accepted\nR1",
    }
    assert (two.is_skipped, two.cells["completed_by"]) == (True, "bea@example.org")
    assert (two.cells["sentiment"], three.cells["why"]) == ("", "")
    assert (none.is_answer, none.cells["data.body"]) == (False, "Nobody was asked about this one.")
    assert [str(finding) for finding in table.findings] == [
        "x.json: task 42: W172 drafts that were never submitted: not read."
    ]


def test_the_answers_by_the_mapping_of_the_example(export, small_codings):
    codings = small_codings(export)
    assert len(codings.passages) == 4
    assert [
        (item.annotator, item.stance, item.topics, item.note, item.status, item.created_at)
        for item in (answer.annotation for answer in codings.answers)
    ] == [
        ("ann-a", "favor", ("talks", "aid"), "accepted\nR1", "done", "2031-06-01T08:00:00Z"),
        ("ann-b", None, None, "", "skipped", "2031-06-01T09:00:00Z"),
        ("ann-a", "none", (), "", "done", "2031-06-01T08:01:00Z"),
    ]


@pytest.fixture
def small_codings():
    """Read an export by the example's mapping and the ceasefire codebook under other names."""
    from corpus.codebook import parse_codebook

    book = parse_codebook(
        """
format = 1
name = "small"
title = "Small"
version = "1.0"
language = "en"
target = "the truce"
introduction = "Does somebody support the truce?"
[stance]
question = "Stance"
values = [
  { name = "favor", meaning = "Yes.", three_way = "favor" },
  { name = "against", meaning = "No.", three_way = "against" },
  { name = "none", meaning = "Neither.", three_way = "none", neutral = true },
]
[topics]
question = "Topics"
values = [{ name = "talks", meaning = "Talks." }, { name = "aid", meaning = "Aid." }]
""",
        "codebook.toml",
    )

    def make(export):
        table = read_tasks(export, "x.json")
        return read_codings(table, read_mapping(DATA / "truce-export.toml"), book, "m.toml")

    return make


def test_several_choices_for_one_answer_are_a_finding(export, small_codings):
    export[1]["annotations"][0]["result"] = [choices("sentiment", "Against", "Neither")]
    found = [str(item) for item in small_codings(export).findings if item.severity == "error"]
    assert found == [
        "x.json: task 42: E175 column 'sentiment': 'Against\\nNeither' is not in `values` of "
        "[stance]. Is it 'Neither' or 'Against'? Add it there, or correct the cells; \"\" as the "
        "meaning is no answer."
    ]


def test_ratings_and_numbers_are_read_and_spans_are_not(export):
    span = {"from_name": "who", "type": "labels", "value": {"start": 0, "end": 2, "text": "Th"}}
    export[1]["annotations"][0]["result"] = [
        choices("strength", 3, kind="rating"),
        choices("share", 0.5, kind="number"),
        span,
    ]
    row = read_tasks(export, "x.json").rows[2]
    assert (row.cells["strength"], row.cells["share"], "who" in row.cells) == ("3", "0.5", False)


@pytest.mark.parametrize(
    "prediction", [{"predictions": [7]}, {"parent_prediction": 7}], ids=["task", "answer"]
)
def test_an_answer_given_beside_a_prediction_says_so(export, prediction):
    export[1] |= prediction
    export[1]["annotations"][0] |= prediction
    assert [row.prediction_shown for row in read_tasks(export, "x.json").rows] == [
        False, False, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({"id": 5, "body": "x", "sentiment": "Against"}, "task 5: E177 a task without `data`"),
        ("text", "task 4: E177 a task without `data`"),
        ({"id": 5, "data": {}, "annotations": [3]}, "task 5: E177 expected an annotation, found 3"),
        (
            {"id": 5, "data": {}, "annotations": [{"result": [{"value": 1}]}]},
            "task 5: E177 the result holds {'value': 1}",
        ),
        (
            {"id": 5, "data": {"x": "half \ud83d"}, "annotations": []},
            "task 5: E177 half a character (a lone surrogate) in 'data.x'",
        ),
    ],
    ids=["JSON_MIN", "text", "number", "result", "surrogate"],
)
def test_a_task_of_another_shape_is_named_and_the_others_are_read(export, broken, words):
    table = read_tasks([*export, broken], "x.json")
    assert len(table.rows) == 4
    assert any(words in str(finding) for finding in table.findings)


def test_what_is_no_list_of_tasks_is_refused():
    with pytest.raises(CorpusError, match="E177 expected a list of tasks, found dict"):
        read_tasks({"tasks": []}, "x.json")
