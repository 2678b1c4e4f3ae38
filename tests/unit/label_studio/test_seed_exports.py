"""The seed's own labels: trimmed exports of the real server against what the corpus stores."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.folder import read_corpus
from corpus.label_studio.annotations import parse_export, read_export

ROOT = Path(__file__).resolve().parents[3]
EXPORTS = ROOT / "tests" / "data" / "seed-exports"


@pytest.mark.parametrize("annotator", ["ann-a", "ann-b"])
def test_the_export_of_the_seed_is_what_the_corpus_stores(annotator):
    path = EXPORTS / f"{annotator}.json"
    corpus = read_corpus(ROOT / "seeds")
    pulled = read_export(parse_export(path.read_text(), str(path)), corpus, str(path))
    exported = {
        task["data"]["sentence_id"]: task["annotations"][0]["unique_id"]
        for task in json.loads(path.read_text())
    }
    stored = {
        item.sentence_id: item for item in corpus.annotations["seed"] if item.annotator == annotator
    }
    # These were stored when the source was the server's unique id.
    assert [
        replace(item, source=f"label-studio/{exported[item.sentence_id]}")
        for item in pulled.annotations["seed"]
    ] == [stored[name] for name in exported]
    # Labelled under 0.9; the codebook may be newer by now, which is said and stops nothing.
    assert {finding.code for finding in pulled.findings} <= {"W342"}
