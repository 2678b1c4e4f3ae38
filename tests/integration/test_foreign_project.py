"""A project that was not made here, with two people and other names, read from a real server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from corpus.folder import read_corpus

pytestmark = pytest.mark.server
ROOT = Path(__file__).resolve().parents[2]

PAGE = """\
<View>
  <Text name="t" value="$body"/>
  <Choices name="sentiment" toName="t" choice="single">
    <Choice value="For the tram"/><Choice value="Against"/><Choice value="Neither"/>
  </Choices>
  <TextArea name="why" toName="t"/>
</View>
"""
MAPPING = """\
format = 1
[source]
kind = "label-studio"
[text]
column = "data.body"
[article]
column = "data.report"
title = "data.heading"
[annotator]
column = "completed_by"
names = {{ "{first}" = "ann-a", "{second}" = "ann-b" }}
[when]
column = "updated_at"
[stance]
column = "sentiment"
values = {{ "For the tram" = "pro", Against = "contra", Neither = "none" }}
[note]
column = "why"
"""
TASKS = [
    {"body": "The council voted for the tram.", "report": "Report 7", "heading": "Vote"},
    {"body": "Shopkeepers will sue.", "report": "Report 7", "heading": "Vote"},
    {"body": "It rained.", "report": "Report 8", "heading": "Rain"},
]


def result(name, kind, value):
    return {"from_name": name, "to_name": "t", "type": kind, "value": value}


def sentiment(name):
    return result("sentiment", "choices", {"choices": [name]})


@pytest.fixture
def project(label_studio):
    """Three tasks: both answered the first, one skipped the second, nobody saw the third."""
    sdk = label_studio.connection.sdk
    made = sdk.projects.create(title="tram 2031", label_config=PAGE, maximum_annotations=2)
    sdk.projects.import_tasks(id=made.id, request=[{"data": data} for data in TASKS])
    tasks = {task.data["body"]: task.id for task in sdk.tasks.list(project=made.id)}
    first, second, _ = (tasks[data["body"]] for data in TASKS)
    me = sdk.users.whoami().id
    bea = sdk.users.create(email="bea@example.org", username="bea").id
    why = result("why", "textarea", {"text": ["R1: they voted"]})
    label_studio.answer(first, [sentiment("For the tram"), why], completed_by=me, lead_time=8.5)
    label_studio.answer(first, [sentiment("Neither")], completed_by=bea, lead_time=2)
    label_studio.answer(second, [sentiment("Against")], completed_by=me, lead_time=3)
    label_studio.answer(second, [], completed_by=bea, was_cancelled=True)
    yield made.id, me, bea
    sdk.users.delete(id=bea)


def import_script(*arguments):
    clean = {name: value for name, value in os.environ.items() if "LABEL_STUDIO" not in name}
    return subprocess.run(
        [sys.executable, "-P", "scripts/import_codings.py", *map(str, arguments)],
        cwd=ROOT, env=clean, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_live_project_and_its_export_become_the_same_corpus(
    label_studio, project, tmp_path, small_codebook
):
    number, me, bea = project
    sdk = label_studio.connection.sdk
    exported = sdk.projects.exports.as_json(number)  # as the web page's Export, JSON
    (tmp_path / "export.json").write_text(json.dumps(exported), "utf-8")
    (tmp_path / "mapping.toml").write_text(MAPPING.format(first=me, second=bea), "utf-8")
    doors = {
        "live": ("--project", number, "--data", label_studio.running.data),
        "file": (tmp_path / "export.json",),
    }
    for name, door in doors.items():
        corpus = tmp_path / name
        corpus.mkdir()
        (corpus / "codebook.toml").write_text(small_codebook, "utf-8")
        options = (
            *door,
            "--mapping",
            tmp_path / "mapping.toml",
            "--batch",
            "old1",
            "--corpus",
            corpus,
        )
        before = sdk.projects.get(id=number)
        done = import_script(*options)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        stored = contents(corpus)
        again = import_script(*options)
        assert "0 new articles; answers: 0 new, 0 changed, 4 unchanged." in again.stdout
        assert contents(corpus) == stored
        assert sdk.projects.get(id=number) == before
    assert contents(tmp_path / "live") == contents(tmp_path / "file")

    found = read_corpus(tmp_path / "live")
    assert {name: (item.title, item.text) for name, item in found.articles.items()} == {
        "report-7": ("Vote", "The council voted for the tram.\nShopkeepers will sue."),
        "report-8": ("Rain", "It rained."),
    }
    assert [
        (item.sentence_id, item.annotator, item.stance, item.status, item.note, item.seconds)
        for item in sorted(
            found.annotations["old1"], key=lambda item: (item.sentence_id, item.annotator)
        )
    ] == [
        ("report-7.001", "ann-a", "pro", "done", "R1: they voted", 8.5),
        ("report-7.001", "ann-b", "none", "done", "", 2.0),
        ("report-7.002", "ann-a", "contra", "done", "", 3.0),
        ("report-7.002", "ann-b", None, "skipped", "", None),
    ]
    assert [(item.sentence_id, item.annotators) for item in found.batches["old1"]] == [
        ("report-7.001", ("ann-a", "ann-b")),
        ("report-7.002", ("ann-a", "ann-b")),
    ]
    assert b"bea@" not in b"".join(stored.values())


def test_a_draft_of_a_live_project_names_its_fields(
    label_studio, project, tmp_path, small_codebook
):
    number, me, bea = project
    (tmp_path / "codebook.toml").write_text(small_codebook, "utf-8")
    done = import_script(
        "--project", number, "--draft-mapping", "--data", label_studio.running.data,
        "--corpus", tmp_path,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    for line in (
        'column = "data.body"',
        f'names = {{ "{me}" = "ann-a", "{bea}" = "ann-b" }}',
        'column = "sentiment"',
    ):
        assert line in done.stdout.splitlines()


def test_a_project_that_is_not_there_is_said(label_studio, tmp_path, small_codebook):
    (tmp_path / "codebook.toml").write_text(small_codebook, "utf-8")
    (tmp_path / "mapping.toml").write_text(MAPPING.format(first=1, second=2), "utf-8")
    done = import_script(
        "--project", 99999, "--mapping", tmp_path / "mapping.toml", "--batch", "old1",
        "--data", label_studio.running.data, "--corpus", tmp_path,
    )  # fmt: skip
    assert done.returncode == 1
    assert "has no such page (reading project 99999)" in done.stderr
    assert "Traceback" not in done.stderr


def contents(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
