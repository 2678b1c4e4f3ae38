"""Labelled files of somebody else are read whole, or refused with every fault in words."""

import json
from datetime import date

import pytest

from corpus.findings import CorpusError
from corpus.labelled import Fields, Labelled, read_labelled, split_by_time


@pytest.fixture
def read(tmp_path):
    def make(*rows, **fields):
        path = tmp_path / "set.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return read_labelled(path, Fields(**fields))

    return make


def test_fields_have_any_name(read, tmp_path):
    row = {"body": " It holds.", "y": 1, "doc": 7, "of": "truce", "from": 1, "to": 3, "on": 2015}
    [found] = read(
        row, text="body", label="y", group="doc", target="of", span=("from", "to"), time="on"
    )
    place = f"{tmp_path}/set.jsonl:1"
    assert found == Labelled(place, "1", " It holds.", "1", "7", "truce", (1, 3), 2015.0)


@pytest.mark.parametrize(
    ("row", "fields", "words"),
    [
        ({"text": float("nan"), "label": "a"}, {}, "no text in text; its fields: text, label."),
        ({"text": " ", "label": "a"}, {}, "text is empty. Leave the line out, or repair it."),
        ({"text": "x"}, {}, "no text in label; its fields: text. Name the right one."),
        ({"text": "x", "label": float("nan")}, {}, "label is nan; expected a name"),
        ({"text": "x", "label": True}, {}, "label is True; expected a name"),
        ({"text": "x", "label": ""}, {}, "label is ''; expected a name"),
        ({"text": "x", "label": "a"}, {"group": "doc"}, "no text in doc; its fields: text, label."),
        ({"text": "x", "label": "a"}, {"target": "of"}, "no text in of; its fields: text, label."),
        (
            {"text": "xy", "label": "a", "from": 1, "to": 3},
            {"span": ("from", "to")},
            "from, to are 1, 3; expected 0 <= start < end <= 2, the length of the text",
        ),
        ({"text": "x", "label": "a", "on": "soon"}, {"time": "on"}, "on is 'soon'; expected a day"),
        ({"text": "x", "label": "a", "on": float("nan")}, {"time": "on"}, "on is nan; expected a"),
    ],
)
def test_faults_are_told_with_their_line(read, row, fields, words):
    with pytest.raises(CorpusError, match="E381") as error:
        read(
            {"text": "fine", "label": "a", "doc": "d", "of": "t", "from": 0, "to": 1, "on": 1},
            row,
            **fields,
        )
    assert ":2: E381 " + words in str(error.value)
    assert "set.jsonl:1:" not in str(error.value)


def test_an_empty_file_is_refused(read):
    with pytest.raises(CorpusError, match=r"is empty: expected a labelled item a line\."):
        read()


def at(*times):
    return [Labelled(f"f:{n}", str(n), "x", "a", time=time) for n, time in enumerate(times)]


DAYS = [date(2024, 5, day) for day in (3, 1, 2, 2, 4)]


@pytest.mark.parametrize(
    ("times", "cut", "before", "border"),
    [
        (DAYS, "2024-05-03", ["1", "2", "3"], date(2024, 5, 3)),
        # Sorted: 1 2 2 3 4. The item at 0.5 * 5 = 2.5, so number 2, is of the second of May;
        # items of one day stay together.
        (DAYS, "0.5", ["1"], date(2024, 5, 2)),
        ([2015.0, 2019.0, 2024.0], "2019", ["0"], 2019.0),
    ],
)
def test_the_earlier_part_is_learned_from(times, cut, before, border):
    early, late, found = split_by_time(at(*times), cut)
    assert [item.id for item in early] == before
    assert len(early) + len(late) == len(times)
    assert found == border


@pytest.mark.parametrize(
    ("times", "cut", "words"),
    [
        (DAYS, "soon", "--cut soon: expected a day as 2024-05-01, a year, or a share"),
        (
            DAYS,
            "2019",
            "--cut 2019 is of another kind than the times. The times run from 2024-05-01",
        ),
        (DAYS, "2025-01-01", "No item lies after 2025-01-01"),
        (DAYS[:1] * 9, "0.8", "No item lies before 2024-05-03, where the split by time cuts."),
        ([*DAYS, 2019.0], "0.8", "Some times are days, others numbers"),
    ],
)
def test_a_cut_that_leaves_a_side_empty_is_refused(times, cut, words):
    with pytest.raises(CorpusError) as error:
        split_by_time(at(*times), cut)
    assert words in str(error.value)
