"""The offline door: files out for Label Studio's web page, an export back in."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from corpus.annotations import read_annotations

ROOT = Path(__file__).resolve().parents[3]
EXPORT = Path(__file__).parent / "data" / "export.json"


def script(name, *arguments, stdin=b""):
    return subprocess.run(
        [sys.executable, "-P", ROOT / "scripts" / f"{name}.py", *arguments],
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        check=False,
    )


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


def test_tasks_are_written_for_each_annotator(corpus, tmp_path):
    out = tmp_path / "tasks"
    done = script("export_tasks", "pilot", "--corpus", corpus.path, "--out", out)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().splitlines()[-1] == "8 tasks for 2 annotators."
    assert sorted(path.name for path in out.iterdir()) == [
        "instructions.html",
        "interface.xml",
        "pilot-anna.json",
        "pilot-bo.json",
    ]
    tasks = json.loads((out / "pilot-bo.json").read_text(encoding="utf-8"))
    assert [task["data"]["annotator"] for task in tasks] == ["bo"] * 4


def test_unknown_batch_is_named(corpus, tmp_path):
    done = script("export_tasks", "b9", "--corpus", corpus.path, "--out", tmp_path / "tasks")
    assert done.returncode == 1
    assert b"b9.jsonl: no such batch. Batches of this corpus: pilot." in done.stderr
    assert not (tmp_path / "tasks").exists()


def test_export_is_stored_once(corpus, export):
    first = script("import_annotations", export, "--corpus", corpus.path)
    assert (first.returncode, first.stderr) == (0, b"")
    assert b"4 tasks; 4 new, 0 changed, 0 unchanged (1 skipped" in first.stdout
    before = (corpus.path / "annotations" / "pilot.jsonl").read_bytes()
    again = script("import_annotations", "-", "--corpus", corpus.path, stdin=export.read_bytes())
    assert again.returncode == 0
    assert b"4 tasks; 0 new, 0 changed, 4 unchanged" in again.stdout
    assert (corpus.path / "annotations" / "pilot.jsonl").read_bytes() == before


def test_bad_files_do_not_lose_the_good_one(corpus, export, tmp_path):
    latin = tmp_path / "latin.json"
    latin.write_bytes('["für"]'.encode("latin-1"))
    done = script(
        "import_annotations", tmp_path / "none.json", latin, export, "--corpus", corpus.path
    )
    assert done.returncode == 1
    assert b"none.json: cannot be read" in done.stderr
    assert b"latin.json: not UTF-8" in done.stderr
    assert b"Traceback" not in done.stderr
    assert len(read_annotations(corpus.path, "pilot")) == 4


def test_faults_in_an_export_are_printed_and_fail(corpus, export):
    text = export.read_text(encoding="utf-8").replace('["no_stance"]', '["neutral"]')
    done = script("import_annotations", "-", "--corpus", corpus.path, stdin=text.encode())
    assert done.returncode == 1
    assert b"-: task 1: E328 stance 'neutral' is not in codebook" in done.stderr
    assert len(read_annotations(corpus.path, "pilot")) == 3
