"""The second pass on a real server: marked holders come back on the labels of the first."""

from __future__ import annotations

import dataclasses

import pytest

from corpus.annotations import append_annotations, read_annotations
from corpus.folder import read_corpus
from corpus.label_studio import projects, sync
from corpus.label_studio.doctor import examine
from corpus.label_studio.holders import regions_of
from corpus.label_studio.transfer import read_tasks
from corpus.records import Holder

pytestmark = pytest.mark.server

TEXT = """\
🕊 The council and its envoy accept the draft.
רק המועצה דוחה את ההצעה 🕊.
Mediators wait.
"""
ACTORS = """\
format = 1

[[actors]]
id = "council"
name = "Northern Council"
kind = "party"
aliases = ["the council"]
"""


def sync_all(label_studio, corpus):
    return {
        plan.batch: sync.sync(label_studio.connection, corpus, plan)
        for plan in sync.plans(corpus, corpus.batches)
    }


def stored(corpus):
    return read_annotations(corpus.path, "h1")


def holders_now(corpus):
    """Sentence id -> the holders that count, of the sentences that have some."""
    votes = read_corpus(corpus.path).votes
    return {item.sentence_id: item.holders for item in votes if item.holders}


def test_holders_come_back_on_the_labels(label_studio, second_pass, codebook):
    corpus = second_pass(
        ("favor", "offer"), ("against", "refuse"), text=TEXT, actors=ACTORS, codebook=codebook
    )
    done = sync_all(label_studio, corpus)["h1"]
    assert (len(done.diff.new), done.stored, done.findings) == (2, sync.NOTHING, ())
    first, second, _ = corpus.sentences.values()
    tasks = label_studio.task_ids(done.project)
    envoy = first.text.index("its envoy")
    council = second.text.index("המועצה")
    marked = {
        # Overlapping spans after an emoji, one actor, one holder whom nobody names.
        first: (
            Holder(2, 13, "council", "favor", "offer"),
            Holder(2, envoy + 9, None, "favor", "comply"),
            Holder(None, None, None, "favor", "endorse"),
        ),
        second: (Holder(council, council + 6, None, "against", "refuse"),),
    }
    for sentence, holders in marked.items():
        regions = regions_of(holders, sentence.text)
        label_studio.answer(tasks[sentence.id], regions, lead_time=7)

    done = sync_all(label_studio, corpus)["h1"]
    assert (done.findings, done.stored.new) == ((), 2)
    labels = {item.sentence_id: item for item in corpus.annotations["pilot"]}
    assert stored(corpus) == [
        dataclasses.replace(
            labels[sentence.id],
            holders=holders,
            created_at=line.created_at,
            seconds=7.0,
            source=line.source,
        )
        for (sentence, holders), line in zip(marked.items(), stored(corpus), strict=True)
    ]
    assert all(line.created_at > "2026-01-05" for line in stored(corpus))
    assert all(line.source.startswith("label-studio/") for line in stored(corpus))

    before = (corpus.path / "annotations/h1.jsonl").read_bytes()
    again = sync_all(label_studio, read_corpus(corpus.path))["h1"]
    assert (again.stored.new, again.stored.changed, again.stored.unchanged) == (0, 0, 2)
    assert str(again.diff) == "0 new, 2 unchanged, 0 changed, 0 orphaned"
    assert (corpus.path / "annotations/h1.jsonl").read_bytes() == before


def test_skipped_tasks_leave_the_labels(label_studio, second_pass, codebook):
    corpus = second_pass(("favor", "offer"), text=TEXT, codebook=codebook)
    tasks = label_studio.task_ids(sync_all(label_studio, corpus)["h1"].project)
    [task] = tasks.values()
    label_studio.answer(task, [], was_cancelled=True)
    done = sync_all(label_studio, corpus)["h1"]
    assert (done.findings, done.stored.skipped) == ((), 1)
    assert [line.status for line in stored(corpus)] == ["skipped"]
    assert read_corpus(corpus.path).votes == corpus.votes


def test_changed_labels_are_followed(label_studio, second_pass, codebook):
    corpus = second_pass(("favor", "offer"), ("favor", "offer"), text=TEXT, codebook=codebook)
    first, second, _ = corpus.sentences.values()
    connection = label_studio.connection
    project = sync_all(label_studio, corpus)["h1"].project
    holder = Holder(2, 13, None, "favor", "offer")
    label_studio.answer(label_studio.task_ids(project)[first.id], regions_of([holder], first.text))
    sync_all(label_studio, corpus)

    change(corpus, first.id, note="R1 after all")
    change(corpus, second.id, stance="against", act="refuse")
    changed = sync_all(label_studio, corpus)[
        "h1"
    ]  # the corpus was read before: what is stored counts
    assert (changed.stored.changed, len(changed.diff.changed), changed.diff.kept) == (1, 1, ())
    assert {
        task.data["sentence_id"]: task.data["coded"] for task in read_tasks(connection, project)
    } == {
        first.id: "You coded: favor, offer",
        second.id: "You coded: against, refuse",
    }
    assert [(line.note, line.holders) for line in stored(corpus)] == [
        ("R5", (holder,)),
        ("R1 after all", (holder,)),
    ]

    change(corpus, first.id, stance="against", act="refuse")
    misfit = sync_all(label_studio, read_corpus(corpus.path))["h1"]
    assert [finding.code for finding in misfit.findings] == ["W352"]
    assert holders_now(corpus) == {}  # the labels stand alone
    assert len(stored(corpus)) == 2


def change(corpus, sentence_id, **changes):
    """The annotator's labels, given anew in the first pass."""
    last = read_corpus(corpus.path).coded[sentence_id, "anna"]
    later = dataclasses.replace(last, created_at="2040-01-01T00:00:00Z", **changes)
    append_annotations(corpus.path, "pilot", [later])


def test_doctor_knows_both_pages(label_studio, second_pass, codebook):
    corpus = second_pass(("favor", "offer"), text=TEXT, codebook=codebook)
    sync_all(label_studio, corpus)
    data = label_studio.running.data
    checks = {check.name: check.found for check in examine(corpus, None, data)}
    assert "project" not in checks
    assert checks["projects"].startswith("2 with codebook")

    plan = sync.plans(corpus, ["h1"])[0]
    project = projects.find_project(label_studio.connection, plan)
    page = sync.plans(corpus, ["pilot"])[0].label_config
    label_studio.connection.sdk.projects.update(project.id, label_config=page)
    checks = {check.name: check.found for check in examine(corpus, None, data)}
    assert "h1 · anna" in checks["project"]
    assert "another labelling page" in checks["project"]
