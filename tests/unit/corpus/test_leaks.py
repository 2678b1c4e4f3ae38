"""Planted leaks are found, each of its kind, and a clean split has none."""

import json
from pathlib import Path

from corpus.labelled import Labelled
from corpus.leaks import Leak, groups_of, leaks_between, shared_between

WIRES = Path(__file__).parents[2] / "data/wire/reports.jsonl"
TEXTS = {row["id"]: row["text"] for row in map(json.loads, WIRES.read_text("utf-8").splitlines())}


def part(name, *rows):
    return [
        Labelled(f"{name}:{n}", str(n), text, "a", group) for n, (text, group) in enumerate(rows)
    ]


def test_every_kind_of_planted_leak_is_found():
    train = part(
        "train",
        (TEXTS["dam-wire"], "d1"),
        (TEXTS["ferry-wire"], "d2"),
        (TEXTS["vote-wire"], "d3"),
        (TEXTS["camp-wire"], "d4"),
    )
    test = part(
        "test",
        (TEXTS["mine-wire"], "d4"),
        (TEXTS["dam-wire"].upper(), "t1"),
        (TEXTS["ferry-copy-headline"], "t2"),
        (TEXTS["vote-rewrite"], "t3"),
        (TEXTS["mine-later"], "d4"),
        (TEXTS["strike-wire"], "t4"),
    )
    assert leaks_between(train, test) == [
        Leak("group", 1, 5, (0, 4), (("train:3", "test:0"),)),
        Leak("same words", 1, 6, (1,), (("train:0", "test:1"),)),
        Leak("copy", 1, 6, (2,), (("train:1", "test:2"),)),
        Leak("same event", 1, 6, (3,), (("train:2", "test:3"),)),
    ]


def test_items_without_a_group_share_none():
    train, test = part("train", (TEXTS["dam-wire"], "")), part("test", (TEXTS["mine-wire"], ""))
    assert leaks_between(train, test) == []


def test_groups_hold_a_document_and_its_near_duplicates():
    rows = part(
        "f",
        (TEXTS["dam-wire"], "d1"),
        (TEXTS["mine-wire"], "d1"),
        (TEXTS["dam-copy-edited"], "d2"),
        (TEXTS["dam-rewrite"], "d3"),
        (TEXTS["ferry-wire"], "d4"),
        (TEXTS["strike-wire"], ""),
        (TEXTS["strike-wire"] + "!", ""),
    )
    assert groups_of(rows) == ["f:0", "f:0", "f:0", "f:0", "f:4", "f:5", "f:5"]


def rows_of(*given):
    """A row for each (article, cluster, process, text)."""
    keys = ("article_id", "cluster", "process", "text")
    return [dict(zip(keys, one, strict=True)) for one in given]


def test_whatever_two_parts_of_a_dataset_share_is_named():
    train = rows_of(
        ("a", "a", "oslo", "One."), ("v", "v", "", TEXTS["vote-wire"]), ("c", "c", "", "Two.")
    )
    test = rows_of(
        ("a", "a2", "", "Three."),
        ("w", "w", "", TEXTS["vote-rewrite"]),
        ("x", "c", "oslo", "Four."),
        ("s", "s", "", TEXTS["strike-wire"]),
    )
    assert list(shared_between({"train": train, "test": test})) == [
        'article "a" is in train and test',
        'near-duplicate cluster "c" is in train and test',
        'process "oslo" is in train and test',
        'article "w" in test tells the event of "v" in train',
    ]
    assert list(shared_between({"train": train, "test": test[-1:]})) == []
