"""The dataset has the columns of DESIGN.md, and equal labels have an equal identity."""

import dataclasses
import json
from pathlib import Path

import datasets
import pytest
from datasets import ClassLabel, List, Value

from corpus.annotations import append_annotations
from corpus.articles import add_article, read_articles
from corpus.batches import BatchItem, write_batch
from corpus.card import dataset_card
from corpus.dataset import (
    build_rows,
    features,
    may_be_published,
    read_dataset,
    row_groups,
    rows_digest,
    save_dataset,
)
from corpus.files import write_text
from corpus.findings import CorpusError
from corpus.folder import read_corpus
from corpus.jsonl import read_lines
from corpus.records import Article
from corpus.sentences import freeze_sentences

# DESIGN.md, "Formats", row build/dataset, in its order.
COLUMNS = [
    *("id", "article_id", "start", "end", "text", "before", "after", "title", "outlet"),
    *("event_date", "language", "process", "cluster", "synthetic", "target", "target_start"),
    *("target_end", "stance", "act", "topics", "certain", "holders", "votes", "how"),
]


@pytest.fixture
def corpus(tmp_path, small_text, vote):
    """Two articles, five sentences: unanimous, disputed, without topics, not asked, not labelled."""
    folder = tmp_path / "corpus"
    write_text(folder / "codebook.toml", small_text)
    add_article(
        folder,
        Article("lake", "Yes 😀. No.", title="Lake", process="lake-talks", licence="CC-BY-4.0"),
    )
    add_article(folder, Article("river", "Fine. Aid. Rain.", process="river-talks"))
    write_text(folder / "splits.csv", "article_id,part\nlake,train\nriver,test\n")
    ids = ["lake.001", "lake.002", "river.001", "river.002"]
    freeze_sentences(folder, read_articles(folder))
    write_batch(folder, "b001", [BatchItem(name, ("ann-a", "ann-b")) for name in ids])
    both = [("ann-a", {}), ("ann-b", {"seconds": None, "flags": ("unsure",)})]
    answers = {
        "lake.001": {"stance": "favor", "act": "offer", "topics": ("talks", "aid")},
        "river.001": {"stance": "against", "act": "refuse", "topics": ()},
        "river.002": {"stance": "none", "topics": None},
    }
    votes = [
        vote(who, sentence_id=name, **answer, **more)
        for name, answer in answers.items()
        for who, more in both
    ]
    disputed = [
        vote(who, stance, sentence_id="lake.002")
        for who, stance in [("ann-a", "favor"), ("ann-b", "none")]
    ]
    append_annotations(folder, "b001", [*votes, *disputed])
    return read_corpus(folder)


@pytest.fixture
def saved(corpus, tmp_path):
    """The build of that corpus and the folder that it was saved to."""
    build, folder = build_rows(corpus), tmp_path / "dataset"
    folder.mkdir()
    save_dataset(build, folder)
    write_text(folder / "README.md", dataset_card(build, corpus))
    return build, folder


def test_a_row_is_the_sentence_with_everything_known_about_it(corpus):
    build = build_rows(corpus)
    # "Yes 😀." is [0, 6) in code points; "No." follows at [7, 10).
    assert build.parts["train"] == [
        {
            "id": "lake.001",
            "article_id": "lake",
            "start": 0,
            "end": 6,
            "text": "Yes 😀.",
            "before": "",
            "after": "No.",
            "title": "Lake",
            "outlet": "",
            "event_date": None,
            "language": "en",
            "process": "lake-talks",
            "cluster": "lake",
            "synthetic": False,
            "target": "the deal",
            "target_start": None,
            "target_end": None,
            "stance": "favor",
            "act": "offer",
            "topics": ["talks", "aid"],
            "certain": False,
            "holders": [],
            "votes": [
                {
                    "annotator": "ann-a",
                    "stance": "favor",
                    "act": "offer",
                    "topics": ["talks", "aid"],
                    "flags": [],
                    "seconds": 4.5,
                },
                {
                    "annotator": "ann-b",
                    "stance": "favor",
                    "act": "offer",
                    "topics": ["talks", "aid"],
                    "flags": ["unsure"],
                    "seconds": None,
                },
            ],
            "how": "unanimous",
        }
    ]
    assert [row["id"] for row in build.parts["test"]] == ["river.001", "river.002"]
    assert [(item.sentence_id, item.layer) for item in build.disputes] == [("lake.002", "stance")]
    assert list(build.parts["train"][0]) == COLUMNS


def test_columns_and_types_are_those_of_the_design(small):
    found = features(small)
    assert list(found) == COLUMNS
    # ClassLabel order is codebook order, so a number means the same in every build.
    assert found["stance"] == ClassLabel(names=["favor", "against", "none"])
    assert found["act"] == ClassLabel(names=["offer", "refuse", "comply"])
    assert found["topics"] == List(ClassLabel(names=["talks", "aid"]))
    assert found["votes"].feature["topics"] == List(Value("string"))
    assert {name for name, kind in found.items() if kind == Value("bool")} == {
        "synthetic",
        "certain",
    }
    assert {name for name, kind in found.items() if kind == Value("int32")} == {
        "start",
        "end",
        "target_start",
        "target_end",
    }


def test_load_dataset_loads_the_folder(saved, tmp_path):
    _, folder = saved
    data = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))
    assert {part: len(rows) for part, rows in data.items()} == {"train": 1, "test": 2}
    assert list(data["test"].features) == COLUMNS
    assert data["test"].features["stance"].names == ["favor", "against", "none"]
    assert data["test"].features["topics"].feature.names == ["talks", "aid"]
    against, none = data["test"]
    assert (against["stance"], against["act"], against["topics"]) == (1, 1, [])
    # Nobody asked for its topics, which is not "none of them".
    assert (none["stance"], none["act"], none["topics"]) == (2, None, None)
    assert data["train"][0]["topics"] == [0, 1]
    assert data["train"][0]["text"] == "Yes 😀."


def test_a_codebook_without_topics_and_act_loads_too(tram, tmp_path):
    folder = tmp_path / "dataset"
    folder.mkdir()
    corpus = read_corpus(tram)
    build = build_rows(corpus)
    save_dataset(build, folder)
    write_text(folder / "README.md", dataset_card(build, corpus))
    data = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))
    assert data["train"].features["stance"].names == ["support", "oppose", "none"]
    assert set(data["train"]["act"]) == {None}
    # 30 sentences, of which court.002 is disputed: three articles in each part.
    assert {part: len(rows) for part, rows in data.items()} == {"train": 14, "test": 15}


def test_a_saved_dataset_comes_back_with_names_and_the_same_identity(saved):
    build, folder = saved
    data = read_dataset(folder)
    assert data.parts == build.parts
    assert data.digest == build.digest == rows_digest(data.parts)
    assert data.names == {
        "stance": ("favor", "against", "none"),
        "act": ("offer", "refuse", "comply"),
        "topics": ("talks", "aid"),
    }
    assert data.codebook["three_way"] == {"favor": "favor", "against": "against", "none": "none"}


def test_the_digest_ignores_order_and_sees_every_label(corpus):
    build = build_rows(corpus)
    digest = rows_digest(build.parts)
    shuffled = {part: rows[::-1] for part, rows in reversed(build.parts.items())}
    assert rows_digest(shuffled) == digest
    assert build_rows(read_corpus(corpus.path)).digest == digest

    first, second = build.parts["test"]
    changes = [
        {"train": build.parts["train"], "test": [first | {"topics": None}, second]},
        {"train": build.parts["train"], "test": [first, second | {"topics": []}]},
        {"train": build.parts["train"], "test": [first]},
        {"train": build.parts["train"], "validation": [first, second]},
    ]
    assert len({digest, *map(rows_digest, changes)}) == 5


def test_publishable_leaves_out_articles_without_a_licence(corpus):
    build = build_rows(corpus, publishable=True)
    assert {part: len(rows) for part, rows in build.parts.items()} == {"train": 1}
    assert build.withheld == ("river",)
    card = dataset_card(build, corpus)
    assert "license: cc-by-4.0" in card
    assert "Not for publication" not in card


def test_the_card_says_what_may_not_be_published(saved):
    _, folder = saved
    card = (folder / "README.md").read_text("utf-8")
    assert "license: other" in card
    assert "**Not for publication.** It holds text without a licence to publish (river)." in card
    assert "| train | 1 | 1 | 0 |\n| test | 1 | 2 | 0 |" in card
    assert "3 unanimous" in card
    # By value: favor 1, against 1, none 1.
    assert all(f"| `{value}` | 1 |" in card for value in ("favor", "against", "none"))


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        ("CC-BY-4.0", True),
        ("CC BY-SA 4.0", True),
        ("cc0-1.0", True),
        ("Public domain", True),
        ("CC BY-NC 4.0", False),
        ("cc-by-nd-4.0", False),
        ("", False),
        ("© Bote", False),
    ],
)
def test_open_licences(licence, expected):
    assert may_be_published(Article("a", "A text.", licence=licence)) is expected


def test_nothing_labelled_or_nothing_publishable_is_refused(corpus):
    with pytest.raises(CorpusError, match=r"no sentence has a gold label yet .* `make sync`"):
        build_rows(dataclasses.replace(corpus, annotations={}))
    closed = {name: dataclasses.replace(a, licence="") for name, a in corpus.articles.items()}
    with pytest.raises(CorpusError, match="no labelled article has a licence to be published"):
        build_rows(dataclasses.replace(corpus, articles=closed), publishable=True)


def test_articles_without_a_part_go_to_train(corpus):
    assert list(build_rows(dataclasses.replace(corpus, parts={})).parts) == ["train"]


def test_rows_of_one_process_or_cluster_share_a_group():
    rows = [
        {"article_id": name, "text": name, "cluster": name, "process": process, "outlet": outlet}
        for name, process, outlet in (
            ("a", "p", "Wire"),
            ("b", "p", ""),
            ("b", "", ""),
            ("c", "", "Wire"),
            ("d", "", ""),
        )
    ]
    first, second, third, fourth, fifth = row_groups(rows)
    assert first == second == third
    assert len({first, fourth, fifth}) == 3
    first, second, third, fourth, fifth = row_groups(rows, together=("outlet",))
    assert first == second == third == fourth != fifth


def test_rows_of_articles_that_tell_one_event_share_a_group():
    wires = Path(__file__).parents[2] / "data/wire/reports.jsonl"
    texts = {row["id"]: row["text"] for _, row in read_lines(wires)}
    rows = [
        {"article_id": name, "text": texts[name], "cluster": name, "process": ""}
        for name in ("vote-wire", "vote-rewrite", "strike-wire")
    ]
    first, second, third = row_groups(rows)
    assert first == second != third


def test_a_folder_that_is_no_dataset_is_refused(tmp_path):
    with pytest.raises(CorpusError, match=r"manifest.json: not found. .* make dataset"):
        read_dataset(tmp_path)


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        ("{", "not JSON"),
        ('{"format": 2}', "format is 2, expected 1"),
        ('{"format": 1}', "sentences is missing.*make dataset"),
        ('{"format": 1, "digest": "", "codebook": {}, "sentences": 3}', "make dataset"),
    ],
)
def test_a_foreign_manifest_is_refused(saved, manifest, words):
    _, folder = saved
    (folder / "manifest.json").write_text(manifest)
    with pytest.raises(CorpusError, match=words):
        read_dataset(folder)


@pytest.mark.parametrize("damage", ["truncated", "missing", "foreign", "edited"])
def test_damaged_rows_are_refused(saved, damage):
    _, folder = saved
    path = folder / "data" / "test-00000-of-00001.parquet"
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[:-100])
    elif damage == "missing":
        path.unlink()
    elif damage == "foreign":
        datasets.Dataset.from_list([{"text": "No."}]).to_parquet(path)
    else:
        # Another build's rows under this manifest: only the digest tells.
        (folder / "data" / "train-00000-of-00001.parquet").replace(path)
        manifest = json.loads((folder / "manifest.json").read_text())
        del manifest["sentences"]["train"]
        (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(CorpusError, match=r"dataset.* make dataset"):
        read_dataset(folder)
