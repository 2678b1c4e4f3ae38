"""What goes on beside labelling: tasks edited or deleted, other corpora, other codebooks."""

from __future__ import annotations

import pytest

from corpus.annotations import append_annotations, current, read_annotations
from corpus.findings import CorpusError
from corpus.folder import read_corpus
from corpus.label_studio import projects, pull, sync, transfer
from corpus.label_studio.tasks import tasks_for
from corpus.records import Annotation
from tests.integration.test_sync import choice, sync_all

pytestmark = pytest.mark.server


def test_deleted_task_loses_no_stored_annotation(label_studio, make_corpus, codebook):
    corpus = make_corpus(codebook=codebook, annotators=("anna",))
    [done] = sync_all(label_studio, corpus)
    first = next(iter(corpus.sentences))
    task = label_studio.task_ids(done.project)[first]
    label_studio.answer(task, [choice("stance", "mixed")])
    sync_all(label_studio, corpus)
    label_studio.connection.sdk.tasks.delete(id=task)
    [again] = sync_all(label_studio, corpus)
    assert [task["data"]["sentence_id"] for task in again.diff.new] == [first]
    assert (again.stored, again.findings) == (sync.NOTHING, ())
    assert [item.stance for item in read_annotations(corpus.path, "pilot")] == ["mixed"]


def test_bad_annotation_does_not_lose_the_good_ones(label_studio, make_corpus, codebook):
    corpus = make_corpus(codebook=codebook, annotators=("anna",))
    [done] = sync_all(label_studio, corpus)
    first, second, *_ = corpus.sentences
    tasks = label_studio.task_ids(done.project)
    label_studio.answer(tasks[first], [choice("stance", "pro")])
    label_studio.answer(tasks[second], [choice("stance", "mixed")])
    [again] = sync_all(label_studio, corpus)
    assert [finding.code for finding in again.findings] == ["E328"]
    assert again.findings[0].place.endswith(f"task {tasks[first]}")
    assert [item.sentence_id for item in read_annotations(corpus.path, "pilot")] == [second]


def test_two_projects_with_one_marker_are_refused(label_studio, make_corpus, codebook):
    corpus = make_corpus(codebook=codebook, annotators=("anna",))
    [plan] = sync.plans(corpus, corpus.batches)
    project = projects.prepare_project(label_studio.connection, plan)
    twin = label_studio.connection.sdk.projects.create(
        title="twin", description=plan.marker, label_config=plan.label_config
    )
    with pytest.raises(CorpusError) as caught:
        projects.prepare_project(label_studio.connection, plan)
    assert str(project.id) in str(caught.value)
    assert str(twin.id) in str(caught.value)


def test_corpus_of_the_same_name_is_kept_out_of_a_project(label_studio, make_corpus, codebook):
    corpus = make_corpus(codebook=codebook, annotators=("anna",))
    other = make_corpus(
        codebook=codebook.replace('name = "sanctions_economy"', 'name = "sanctions"'),
        annotators=("anna",),
        text="The envoys met.\n",
    )
    [done] = sync_all(label_studio, corpus)
    tasks = label_studio.task_ids(done.project)
    label_studio.answer(tasks["lake-talks.001"], [choice("stance", "mixed")])
    with pytest.raises(CorpusError, match=r"give one corpus another `name` in its codebook\.toml"):
        sync_all(label_studio, other)
    assert label_studio.task_ids(done.project) == tasks
    found = label_studio.connection.sdk.projects.get(id=done.project.id)
    assert "sanctions_economy" in found.label_config
    assert read_annotations(other.path, "pilot") == []


def test_answers_from_elsewhere_are_announced_until_given_anew(label_studio, make_corpus, codebook):
    corpus = make_corpus(codebook=codebook, annotators=("anna",))
    first, second, third, fourth = corpus.sentences
    append_annotations(
        corpus.path, "pilot", [elsewhere(corpus, name) for name in (first, second, third)]
    )
    [done] = sync_all(label_studio, corpus)
    assert done.reminder == (
        "3 of 4 sentences already have an answer by anna; a new one supersedes it"
    )
    tasks = label_studio.task_ids(done.project)
    label_studio.answer(tasks[first], [choice("stance", "mixed")])
    label_studio.answer(tasks[second], [], was_cancelled=True)
    label_studio.answer(tasks[fourth], [choice("stance", "mixed")])
    [again] = sync_all(label_studio, corpus)
    assert again.reminder.startswith("1 of 4 sentences")
    assert [(item.code, item.message) for item in again.findings] == [
        (
            "W344",
            f"({second}) 1 answer by anna left out (skipped, empty or a draft): done ones from "
            "elsewhere stay.",
        ),
        ("W344", f"({first}) 1 answer by anna now supersede older ones from elsewhere."),
    ]
    now = {
        item.sentence_id: item.stance for item in current(read_annotations(corpus.path, "pilot"))
    }
    assert now == {first: "mixed", second: "no_stance", third: "no_stance", fourth: "mixed"}


def elsewhere(corpus, sentence_id):
    return Annotation(
        sentence_id=sentence_id,
        annotator="anna",
        codebook=corpus.codebook.version,
        stance="no_stance",
        act=None,
        topics=(),
        flags=(),
        note="",
        holders=(),
        status="done",
        created_at="2031-05-07T00:00:00Z",
        seconds=None,
        prediction_shown=False,
        source="label-studio/of-another-server",
    )


def test_changed_codebook_updates_the_interface(label_studio, make_corpus, codebook):
    corpus = make_corpus(codebook=codebook, annotators=("anna",))
    sync_all(label_studio, corpus)
    newer = make_corpus(
        codebook=codebook.replace('name = "sanctions_economy"', 'name = "sanctions"'),
        annotators=("anna",),
    )
    [again] = sync_all(label_studio, newer)
    found = label_studio.connection.sdk.projects.get(id=again.project.id)
    assert 'value="sanctions"' in found.label_config
    task = next(iter(label_studio.task_ids(again.project).values()))
    label_studio.answer(task, [choice("stance", "mixed"), choice("topics", "sanctions")])
    [older] = sync_all(label_studio, corpus)  # would orphan a label that is in use
    assert [finding.code for finding in older.findings] == ["E333", "E328"]
    assert "sanctions (1 annotation)" in older.findings[0].message


def test_only_open_or_present_projects_get_a_turn(label_studio, make_corpus, codebook):
    corpus = make_corpus(annotators=("anna", "bo"), codebook=codebook)
    batch = next(iter(corpus.batches))
    ids = [item.sentence_id for item in corpus.batches[batch]]
    answered = [elsewhere(corpus, name) for name in ids]
    append_annotations(corpus.path, batch, answered)
    corpus = read_corpus(corpus.path)
    connection = label_studio.connection
    assert [plan.annotator for plan in sync.due(connection, corpus)] == ["bo"]
    for plan in sync.plans(corpus, [batch]):
        sync.push(connection, corpus, plan)
    assert [plan.annotator for plan in sync.due(connection, corpus)] == ["anna", "bo"]


def test_dry_run_says_what_sync_then_does_and_changes_nothing(label_studio, make_corpus, codebook):
    connection = label_studio.connection
    corpus = make_corpus(codebook=codebook, annotators=("anna",))
    [plan] = sync.plans(corpus, corpus.batches)
    looked = sync.preview(connection, corpus, plan)
    assert (looked.project, len(looked.diff.new)) == (None, 4)
    assert projects.find_project(connection, plan) is None

    [done] = sync_all(label_studio, corpus)
    first, second, third, fourth = corpus.sentences
    tasks = label_studio.task_ids(done.project)
    connection.sdk.tasks.delete(id=tasks[first])
    edit(connection, tasks[second], text="Edited in the page.")
    label_studio.answer(tasks[third], [choice("stance", "mixed")])
    copy = connection.sdk.tasks.create(project=done.project.id, data=task_data(plan, corpus, third))
    before = list(pull.pull_tasks(connection, done.project))

    looked = sync.preview(connection, corpus, plan)
    assert str(looked.diff) == "1 new, 2 unchanged, 1 changed, 1 orphaned"
    assert (looked.stored.new, read_annotations(corpus.path, "pilot")) == (1, [])
    assert list(pull.pull_tasks(connection, done.project)) == before

    [synced] = sync_all(label_studio, corpus)
    assert (synced.diff, synced.stored) == (looked.diff, looked.stored)
    assert [(item.code, item.place.split()[-1]) for item in synced.findings] == [
        ("W345", str(copy.id))
    ]
    texts = {
        task.sentence_id: task.data["text"]
        for task in transfer.read_tasks(connection, done.project)
        if task.id != copy.id
    }
    assert texts == {name: corpus.sentences[name].text for name in corpus.sentences}

    [again] = sync_all(label_studio, corpus)
    assert str(again.diff) == "0 new, 4 unchanged, 0 changed, 1 orphaned"
    assert (again.stored.new, again.stored.unchanged) == (0, 1)
    assert str(fourth) in texts


def test_label_on_an_edited_text_is_refused_until_the_right_one_is_back(
    label_studio, make_corpus, codebook
):
    connection = label_studio.connection
    corpus = make_corpus(codebook=codebook, annotators=("anna",))
    [done] = sync_all(label_studio, corpus)
    first = next(iter(corpus.sentences))
    task = label_studio.task_ids(done.project)[first]
    edit(connection, task, text="Edited in the page.")
    answer = label_studio.answer(task, [choice("stance", "mixed")])

    [refused] = sync_all(label_studio, corpus)
    assert [finding.code for finding in refused.findings] == ["E324"]
    assert len(refused.diff.kept) == 1
    assert read_annotations(corpus.path, "pilot") == []

    connection.sdk.annotations.delete(id=answer.id)  # as the message says
    [mended] = sync_all(label_studio, corpus)
    assert (len(mended.diff.changed), mended.findings) == (1, ())
    label_studio.answer(task, [choice("stance", "no_stance")])
    [stored] = sync_all(label_studio, corpus)
    assert (stored.stored.new, stored.diff.kept) == (1, ())


def test_other_corpus_is_told_by_its_texts_where_its_names_are_ours(
    label_studio, make_corpus, codebook
):
    corpus = make_corpus(codebook=codebook, annotators=("anna",))
    other = make_corpus(codebook=codebook, annotators=("anna",), text="One.\nTwo.\nThree.\nFour.\n")
    sync_all(label_studio, corpus)
    assert list(other.sentences) == list(corpus.sentences)
    with pytest.raises(CorpusError, match="give one corpus another `name`"):
        sync_all(label_studio, other)


def edit(connection, task, **fields):
    """A task whose data somebody changes in the web page."""
    data = connection.sdk.tasks.get(id=task).data
    connection.sdk.tasks.update(id=task, data={**data, **fields})


def task_data(plan, corpus, sentence_id):
    tasks = tasks_for(corpus, plan.batch, plan.annotator)
    return next(task["data"] for task in tasks if task["data"]["sentence_id"] == sentence_id)
