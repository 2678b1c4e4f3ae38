"""A batch is frozen under its name: who is asked which sentence."""

import json

import pytest

from corpus.batches import BatchItem, annotators_of, asks_of, batch_names, read_batch, write_batch
from corpus.findings import CorpusError
from corpus.records import RecordError

ITEMS = (
    BatchItem("b.002", ("ann-b", "ann-a"), lane="uncertain", probability=0.25, kind="review"),
    BatchItem("a.001", ("ann-a",), show_predictions=True),
)


def test_a_batch_comes_back_in_the_order_shown(tmp_path):
    write_batch(tmp_path, "b001", ITEMS)
    assert read_batch(tmp_path, "b001") == ITEMS
    assert batch_names(tmp_path) == ["b001"]
    assert annotators_of(ITEMS) == ("ann-b", "ann-a")


def test_a_batch_is_never_overwritten(tmp_path):
    path = write_batch(tmp_path, "b001", ITEMS)
    before = path.read_bytes()
    with pytest.raises(CorpusError, match=r"a batch is frozen. Choose another NAME"):
        write_batch(tmp_path, "b001", ITEMS[:1])
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["", "B1", "a/b", "../b", "b 1"])
def test_a_batch_name_is_a_plain_file_name(tmp_path, name):
    with pytest.raises(CorpusError, match="must be lower-case letters, digits and hyphens"):
        write_batch(tmp_path, name, ITEMS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"annotators": ()}, r"annotators \(none\) must be different pseudonyms"),
        ({"annotators": ("ann-a", "ann-a")}, "must be different pseudonyms"),
        ({"annotators": ("jo@example.org",)}, "must be different pseudonyms"),
        ({"kind": "exam"}, "kind 'exam' is not one of pilot, training, reliability"),
        ({"asks": "names"}, "asks 'names' is not one of labels, holders"),
        ({"probability": 0.0}, r"probability 0.0 is not in \(0, 1\]"),
        ({"probability": 1.5}, r"probability 1.5 is not in \(0, 1\]"),
        ({"probability": float("nan")}, r"probability nan is not in \(0, 1\]"),
    ],
)
def test_a_wrong_item_cannot_exist(changes, message):
    with pytest.raises(RecordError, match=message):
        BatchItem(**{"sentence_id": "a.001", "annotators": ("ann-a",), **changes})


def test_an_unknown_batch_names_the_known_ones(tmp_path):
    with pytest.raises(CorpusError, match="none yet; `make batch` makes one"):
        read_batch(tmp_path, "b001")
    write_batch(tmp_path, "b001", ITEMS)
    with pytest.raises(CorpusError, match=r"no such batch. Batches of this corpus: b001"):
        read_batch(tmp_path, "b002")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": 2}, "format is not 1"),
        ({"kind": "exam"}, "kind 'exam'"),
        ({"annotators": 3}, "not iterable"),
        ({"annotators": "ab"}, "annotators must be a list"),
        ({"sentence_id": ["a.001"]}, "sentence_id must be text"),
        ({"colour": "red"}, "unexpected keyword argument 'colour'"),
    ],
)
def test_a_damaged_line_is_told_with_its_place(tmp_path, changes, words):
    path = write_batch(tmp_path, "b001", ITEMS)
    first, second = path.read_text().splitlines()
    path.write_text(f"{first}\n{json.dumps(json.loads(second) | changes)}\n")
    with pytest.raises(CorpusError, match=rf"b001.jsonl:2: not a batch item: .*{words}"):
        read_batch(tmp_path, "b001")


def test_a_missing_key_is_named(tmp_path):
    path = write_batch(tmp_path, "b001", ITEMS[:1])
    record = json.loads(path.read_text())
    del record["format"]
    path.write_text(json.dumps(record))
    with pytest.raises(CorpusError, match=r":1: not a batch item: format is missing"):
        read_batch(tmp_path, "b001")


def test_a_batch_without_the_key_asks_for_labels(tmp_path):
    path = write_batch(tmp_path, "b001", ITEMS[:1])
    record = json.loads(path.read_text())
    del record["asks"]
    path.write_text(json.dumps(record))
    assert read_batch(tmp_path, "b001") == ITEMS[:1]
    assert (asks_of(ITEMS), asks_of(())) == ("labels", "labels")


def test_a_batch_asks_one_thing(tmp_path):
    mixed = (ITEMS[0], BatchItem("a.001", ("ann-a",), asks="holders"))
    write_batch(tmp_path, "b001", mixed)
    with pytest.raises(CorpusError, match="some lines ask for labels, some for holders"):
        read_batch(tmp_path, "b001")
