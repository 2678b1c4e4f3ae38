"""The offline door: files out for Label Studio's web page, an export back in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpus.annotations import read_annotations
from corpus.label_studio.holders import regions_of
from corpus.label_studio.results import result_of
from corpus.label_studio.tasks import tasks_for
from corpus.records import Holder

EXPORT = Path(__file__).parent / "data" / "export.json"


@pytest.fixture
def corpus(make_corpus):
    return make_corpus()


@pytest.fixture
def export(corpus, tmp_path):
    path = tmp_path / "export.json"
    tasks = json.loads(EXPORT.read_text(encoding="utf-8"))
    for task in tasks:
        task["data"]["codebook"] = corpus.codebook.version
    path.write_text(json.dumps(tasks), encoding="utf-8")
    return path


def test_tasks_are_written_for_each_annotator(script, corpus, tmp_path):
    out = tmp_path / "tasks"
    done = script("export_tasks", "pilot", "--corpus", corpus.path, "--out", out)
    assert (done.code, done.said) == (0, "")
    assert done.out.splitlines()[-1] == "8 tasks for 2 annotators."
    assert sorted(path.name for path in out.iterdir()) == [
        "instructions.html",
        "interface.xml",
        "pilot-anna.json",
        "pilot-bo.json",
    ]
    tasks = json.loads((out / "pilot-bo.json").read_text(encoding="utf-8"))
    assert [task["data"]["annotator"] for task in tasks] == ["bo"] * 4


def test_unknown_batch_is_named(script, corpus, tmp_path):
    done = script("export_tasks", "b9", "--corpus", corpus.path, "--out", tmp_path / "tasks")
    assert done.code == 1
    assert "b9.jsonl: no such batch. Batches of this corpus: pilot." in done.said
    assert not (tmp_path / "tasks").exists()


def test_export_is_stored_once(script, corpus, export):
    first = script("import_annotations", export, "--corpus", corpus.path)
    assert (first.code, first.said) == (0, "")
    assert "4 tasks; 4 new, 0 changed, 0 unchanged (1 skipped" in first.out
    before = (corpus.path / "annotations" / "pilot.jsonl").read_bytes()
    again = script("import_annotations", "-", "--corpus", corpus.path, stdin=export.read_bytes())
    assert again.code == 0
    assert "4 tasks; 0 new, 0 changed, 4 unchanged" in again.out
    assert (corpus.path / "annotations" / "pilot.jsonl").read_bytes() == before


def test_bad_files_do_not_lose_the_good_one(script, corpus, export, tmp_path):
    latin = tmp_path / "latin.json"
    latin.write_bytes('["für"]'.encode("latin-1"))
    done = script(
        "import_annotations", tmp_path / "none.json", latin, export, "--corpus", corpus.path
    )
    assert done.code == 1
    assert "none.json: cannot be read" in done.said
    assert "latin.json: not UTF-8" in done.said
    assert len(read_annotations(corpus.path, "pilot")) == 4


def test_faults_in_an_export_are_printed_and_fail(script, corpus, export):
    text = export.read_text(encoding="utf-8").replace('["no_stance"]', '["neutral"]')
    done = script("import_annotations", "-", "--corpus", corpus.path, stdin=text.encode())
    assert done.code == 1
    assert "-: task 1: E328 stance 'neutral' is not in codebook" in done.said
    assert len(read_annotations(corpus.path, "pilot")) == 3


def test_next_command_is_about_the_same_corpus(script, corpus, export, tmp_path):
    done = script("export_tasks", "pilot", "--corpus", corpus.path, "--out", tmp_path / "tasks")
    assert f"`make annotations CORPUS={corpus.path} EXPORT=FILE`" in done.out
    done = script("import_annotations", export, "--corpus", corpus.path)
    assert done.out.endswith(f". Next: make corpus-check CORPUS={corpus.path}\n")


def test_errors_are_counted_and_come_before_the_next_step(script, corpus, export):
    text = export.read_text(encoding="utf-8").replace('["no_stance"]', '["neutral"]')
    done = script("import_annotations", "-", "--corpus", corpus.path, stdin=text.encode())
    assert done.out.endswith(
        "; 1 error. Next: correct them in Label Studio, export there again, then "
        f"make annotations CORPUS={corpus.path} EXPORT=FILE\n"
    )


def test_skipped_elsewhere_leaves_a_done_answer_and_is_said(script, corpus, export):
    script("import_annotations", export, "--corpus", corpus.path)
    before = (corpus.path / "annotations" / "pilot.jsonl").read_bytes()
    tasks = json.loads(export.read_text(encoding="utf-8"))
    for task in tasks[:2]:
        task["annotations"][0] |= {"was_cancelled": True, "created_at": "2020-01-01T00:00:00Z"}
    text = json.dumps(tasks)
    done = script("import_annotations", "-", "--corpus", corpus.path, stdin=text.encode())
    assert (done.code, done.said) == (
        0,
        "-: W344 (lake-talks.001, lake-talks.002) 2 answers by anna left out (skipped, empty or "
        "a draft): done ones from elsewhere stay.\n",
    )
    assert (corpus.path / "annotations" / "pilot.jsonl").read_bytes() == before


def test_answers_that_supersede_others_from_elsewhere_are_said_once(script, corpus, export):
    script("import_annotations", export, "--corpus", corpus.path)
    tasks = json.loads(export.read_text(encoding="utf-8"))
    for task in tasks[:2]:
        stance = {"from_name": "stance", "type": "choices", "value": {"choices": ["mixed"]}}
        task["annotations"][0] |= {"result": [stance], "created_at": "2020-01-01T00:00:00Z"}
    text = json.dumps(tasks).encode()
    done = script("import_annotations", "-", "--corpus", corpus.path, stdin=text)
    assert done.said == (
        "-: W344 (lake-talks.001, lake-talks.002) 2 answers by anna now supersede older ones from "
        "elsewhere.\n"
    )
    assert "0 new, 2 changed, 2 unchanged" in done.out
    again = script("import_annotations", "-", "--corpus", corpus.path, stdin=text)
    assert (again.said, "0 new, 0 changed, 4 unchanged" in again.out) == ("", True)


def test_exports_of_both_passes_are_read_in_one_go(script, second_pass, tmp_path):
    corpus = second_pass(("favor", "offer"))
    [labels] = corpus.annotations["pilot"]
    (corpus.path / "annotations" / "pilot.jsonl").unlink()  # they come from the first file
    holder = Holder(0, 9, None, "favor", "offer")
    text = corpus.sentences[labels.sentence_id].text
    answers = {"pilot": result_of(labels), "h1": regions_of([holder], text)}
    files = []
    for batch, result in answers.items():
        task = tasks_for(corpus, batch, "anna")[0]
        task["annotations"] = [{"id": 1, "result": result, "updated_at": "2026-02-01T08:00:00Z"}]
        files.append(tmp_path / f"{batch}.json")
        files[-1].write_text(json.dumps([task]), encoding="utf-8")
    done = script("import_annotations", *files, "--corpus", corpus.path)
    assert (done.code, done.said) == (0, "")
    [stored] = read_annotations(corpus.path, "h1")
    assert (stored.holders, stored.stance, stored.note) == ((holder,), "favor", "R5")
