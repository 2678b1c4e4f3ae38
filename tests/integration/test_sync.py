"""Two annotators with a project each, on a real server: what they do comes back as records."""

from __future__ import annotations

import pytest

from corpus.annotations import current, read_annotations
from corpus.label_studio import sync
from corpus.label_studio.diff import Diff
from corpus.label_studio.results import result_of
from corpus.records import Annotation

pytestmark = pytest.mark.server


def choice(control, *names):
    return {
        "from_name": control,
        "to_name": "sentence",
        "type": "choices",
        "value": {"choices": list(names)},
    }


def note(*texts):
    return {
        "from_name": "note",
        "to_name": "sentence",
        "type": "textarea",
        "value": {"text": list(texts)},
    }


def sync_all(label_studio, corpus):
    return [
        sync.sync(label_studio.connection, corpus, plan)
        for plan in sync.plans(corpus, corpus.batches)
    ]


def fields(annotation):
    """The record without what the server chooses: time, source."""
    assert annotation.created_at.endswith("Z")
    assert annotation.source.startswith("label-studio/")
    return {
        name: getattr(annotation, name)
        for name in Annotation.__slots__
        if name not in ("created_at", "source")
    }


def test_two_annotators_are_read_field_by_field(label_studio, make_corpus, codebook):
    corpus = make_corpus(codebook=codebook)
    anna, bo = sync_all(label_studio, corpus)
    assert (len(anna.diff.new), len(bo.diff.new)) == (4, 4)
    assert (anna.stored, bo.stored) == (sync.NOTHING, sync.NOTHING)
    first, second, third, fourth = corpus.sentences

    tasks = label_studio.task_ids(anna.project)
    label_studio.answer(
        tasks[second],
        [
            choice("stance", "against"),
            choice("act", "refuse_new_terms"),
            choice("topics", "agreement_terms", "negotiation_process"),
            choice("flags", "unsure"),
            note("R5: “a step back” 🕊"),
        ],
        lead_time=12.3456,
    )
    label_studio.answer(tasks[first], [choice("stance", "no_stance")], lead_time=2)
    label_studio.answer(tasks[third], [choice("flags", "bad_unit")], was_cancelled=True)
    label_studio.answer(tasks[fourth], [choice("topics", "humanitarian_aid")])
    tasks = label_studio.task_ids(bo.project)
    draft(label_studio, tasks[second], [choice("stance", "mixed")])

    anna, bo = sync_all(label_studio, corpus)
    assert (anna.findings, bo.findings) == ((), ())
    assert anna.stored == sync.Stored(4, 0, 0, skipped=1, empty=1, drafts=0)
    assert bo.stored == sync.Stored(1, 0, 0, skipped=0, empty=0, drafts=1)
    common = {
        "annotator": "anna",
        "codebook": corpus.codebook.version,
        "act": None,
        "topics": (),
        "flags": (),
        "note": "",
        "holders": (),
        "status": "done",
        "seconds": None,
        "prediction_shown": False,
    }
    stored = read_annotations(corpus.path, "pilot")
    assert [fields(annotation) for annotation in stored] == [
        common | {"sentence_id": first, "stance": "no_stance", "seconds": 2.0},
        common
        | {
            "sentence_id": second,
            "stance": "against",
            "act": "refuse_new_terms",
            "topics": ("negotiation_process", "agreement_terms"),
            "flags": ("unsure",),
            "note": "R5: “a step back” 🕊",
            "seconds": 12.346,
        },
        common
        | {
            "sentence_id": third,
            "stance": None,
            "topics": None,
            "flags": ("bad_unit",),
            "status": "skipped",
        },
        common
        | {
            "sentence_id": fourth,
            "stance": None,
            "topics": ("humanitarian_aid",),
            "status": "empty",
        },
        common
        | {
            "sentence_id": second,
            "annotator": "bo",
            "stance": "mixed",
            "status": "draft",
            "seconds": 4.0,
        },
    ]


def draft(label_studio, task, result):
    """A draft as the page saves it while somebody labels."""
    label_studio.post(f"/api/tasks/{task}/drafts", {"result": result, "lead_time": 4})


def test_second_sync_changes_nothing(label_studio, make_corpus, codebook):
    corpus = make_corpus(codebook=codebook, annotators=("anna",))
    [done] = sync_all(label_studio, corpus)
    for task in label_studio.task_ids(done.project).values():
        label_studio.answer(task, [choice("stance", "mixed")])
    sync_all(label_studio, corpus)
    before = (corpus.path / "annotations" / "pilot.jsonl").read_bytes()
    [again] = sync_all(label_studio, corpus)
    assert again.project.id == done.project.id
    assert again.diff == Diff(new=(), unchanged=4, changed=(), kept=(), orphaned=())
    assert again.findings == ()
    assert again.stored == sync.Stored(0, 0, 4, 0, 0, 0)
    assert (corpus.path / "annotations" / "pilot.jsonl").read_bytes() == before


def test_changed_answer_supersedes_and_a_draft_does_not(label_studio, make_corpus, codebook):
    corpus = make_corpus(codebook=codebook, annotators=("anna",))
    [done] = sync_all(label_studio, corpus)
    tasks = label_studio.task_ids(done.project)
    first, second, *_ = corpus.sentences
    given = label_studio.answer(tasks[first], [choice("stance", "mixed")])
    label_studio.answer(tasks[second], [choice("stance", "mixed")])
    sync_all(label_studio, corpus)
    label_studio.connection.sdk.annotations.update(given.id, result=[choice("stance", "no_stance")])
    draft(label_studio, tasks[second], [choice("stance", "favor")])
    [changed] = sync_all(label_studio, corpus)
    assert changed.stored == sync.Stored(0, 1, 1, 0, 0, 0)
    stored = read_annotations(corpus.path, "pilot")
    assert [(item.sentence_id, item.stance) for item in stored] == [
        (first, "mixed"),
        (second, "mixed"),
        (first, "no_stance"),
    ]
    assert [item.stance for item in current(stored)] == ["no_stance", "mixed"]


def test_second_codebook_has_no_topics_and_no_act(label_studio, make_corpus, small_codebook):
    corpus = make_corpus(codebook=small_codebook, annotators=("cy",))
    [done] = sync_all(label_studio, corpus)
    first = next(iter(corpus.sentences))
    label_studio.answer(label_studio.task_ids(done.project)[first], [choice("stance", "contra")])
    sync_all(label_studio, corpus)
    [stored] = read_annotations(corpus.path, "pilot")
    assert (stored.stance, stored.topics, stored.act, stored.status) == (
        "contra",
        None,
        None,
        "done",
    )


def test_export_then_import_gives_the_same_records(label_studio, make_corpus, codebook):
    corpus = make_corpus(codebook=codebook, annotators=("anna",))
    other = make_corpus(codebook=codebook, annotators=("anna",))
    [done] = sync_all(label_studio, corpus)
    first, second, *_ = corpus.sentences
    tasks = label_studio.task_ids(done.project)
    label_studio.answer(tasks[first], [choice("stance", "mixed"), note("two\nlines")], lead_time=1)
    label_studio.answer(tasks[second], [choice("stance", "favor"), choice("act", "comply")])
    sync_all(label_studio, corpus)
    before = read_annotations(corpus.path, "pilot")
    for task in tasks.values():
        label_studio.connection.sdk.tasks.delete(id=task)
    [again] = sync_all(label_studio, other)  # the tasks are pushed anew
    assert len(again.diff.new) == 4
    tasks = label_studio.task_ids(done.project)
    for annotation in before:
        label_studio.answer(tasks[annotation.sentence_id], result_of(annotation))
    sync_all(label_studio, other)
    after = read_annotations(other.path, "pilot")
    assert len(after) == len(before) == 2
    assert all(old.says_the_same_as(new) for old, new in zip(before, after, strict=True))
