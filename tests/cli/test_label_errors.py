"""Labels that look wrong become a list and a review batch; nothing is dropped or changed."""

import json

import pytest

from corpus.batches import read_batch
from corpus.dataset import read_dataset


@pytest.fixture
def find(script, built, tram):
    """Look for label errors in the tram dataset; batches go to the test's own copy."""

    def make(*arguments, corpus=tram):
        where = ("--corpus", corpus, "--dataset", built.dataset)
        return script("find_label_errors", *where, *arguments)

    return make


def records(end):
    assert end.code == 0, end.said
    return [json.loads(line) for line in end.out.splitlines()]


def test_the_worst_come_first_with_their_votes(find, built):
    found = records(find("--format", "json"))
    by_id = {row["id"]: row for row in read_dataset(built.dataset).parts["train"]}
    margins = [one["given_probability"] - one["expected_probability"] for one in found]
    assert margins == sorted(margins)
    assert max(margins) < 0
    for one in found:
        row = by_id[one["id"]]
        assert (one["given"], one["text"], one["how"]) == (row["stance"], row["text"], row["how"])
        assert one["votes"] == {vote["annotator"]: vote["stance"] for vote in row["votes"]}
    table = find("--size", 2)
    assert table.out.splitlines()[1::2] == [f"      {one['text']}" for one in found[:2]]
    assert "14 sentences, " in table.said


def test_the_worst_become_a_review_batch_once(find, tram):
    before = {path: path.read_bytes() for path in tram.rglob("*") if path.is_file()}
    first = records(find("--format", "json", "--size", 2))
    end = find("--size", 2, "--batch", "r1", "--annotators", "ann-c")
    assert end.code == 0, end.said
    items = read_batch(tram, "r1")
    assert {item.sentence_id for item in items} == {one["id"] for one in first}
    assert {(item.kind, item.annotators, item.is_vote) for item in items} == {
        ("review", ("ann-c",), True)
    }
    assert "the label themselves" not in end.said
    assert {path: path.read_bytes() for path in before} == before
    second = records(find("--format", "json", "--size", 2))
    assert not {one["id"] for one in first} & {one["id"] for one in second}


def test_who_gave_the_labels_is_told_to_ask_somebody_else(find):
    end = find("--size", 2, "--batch", "r1", "--annotators", "ann-a", "ann-b")
    assert end.code == 0
    assert "2 of these are asked only of people who gave the label themselves" in end.said


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--batch", "r1"], 2, "--batch and --annotators go together"),
        (["--size", "0"], 2, "0 is not more than 0"),
        (["--topic", "aid"], 1, '"aid" is not a topic of tram 1.0 (none).'),
        (["--batch", "b001", "--annotators", "ann-c"], 1, "a batch is frozen"),
        (["--batch", "r1", "--annotators", "Ann C"], 1, "must be different pseudonyms"),
    ],
)
def test_what_cannot_be_done_is_said(find, arguments, code, said):
    end = find(*arguments)
    assert end.code == code
    assert said in end.said


def test_a_corpus_that_the_dataset_was_not_built_from_is_refused(find, tram):
    for path in (tram / "batches").glob("*"):
        path.unlink()
    for folder in ("annotations", "sentences", "articles"):
        for path in (tram / folder).glob("court*"):
            path.unlink()
    end = find()
    assert (end.code, end.out) == (1, "")
    assert "has the sentence court.001" in end.said
