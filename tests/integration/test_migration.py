"""A new codebook on a real server: renamed, merged, refused, asked again, and nothing orphaned."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from pathlib import Path

import pytest
from httpx import Client

from corpus.annotations import current, read_adjudications, read_annotations
from corpus.batches import read_batch
from corpus.dataset import build_rows
from corpus.findings import CorpusError
from corpus.folder import read_corpus
from corpus.label_studio import migration, projects, pull, sync, transfer
from corpus.label_studio.adjudication import adjudicate
from corpus.label_studio.holders import regions_of
from corpus.label_studio.predictions import Proposal, show_predictions
from corpus.label_studio.results import choices
from corpus.records import Holder

pytestmark = pytest.mark.server

# Version 2: stance `pro` is called `for`; topics `rails` and `roads` are one, `transport`.
BOOK = """\
format = 1
name = "NAME"
title = "Stance on the tram line"
version = "1"
language = "en"
target = "building the tram line"
introduction = "What does the sentence say about the tram?"

[stance]
question = "For or against the tram?"
values = [
  { name = "pro", meaning = "For.", hotkey = "1", three_way = "favor" },
  { name = "contra", meaning = "Against.", hotkey = "2", three_way = "against" },
  { name = "none", meaning = "Neither.", hotkey = "3", three_way = "none", neutral = true },
]

[topics]
question = "Topics"
values = [
  { name = "rails", meaning = "Rails.", hotkey = "r" },
  { name = "money", meaning = "Money.", hotkey = "m" },
  { name = "roads", meaning = "Roads.", hotkey = "o" },
]
"""
RENAMES = """
[[renames]]
layer = "stance"
old = "pro"
new = "for"
version = "2"

[[renames]]
layer = "topics"
old = "rails"
new = "transport"
version = "2"

[[renames]]
layer = "topics"
old = "roads"
new = "transport"
version = "2"
"""
NEWER = [
    ('version = "1"', 'version = "2"'),
    ('name = "pro"', 'name = "for"'),
    ('name = "rails"', 'name = "transport"'),
    ('  { name = "roads", meaning = "Roads.", hotkey = "o" },\n', ""),
]


def change(corpus, *pairs, more=""):
    """The codebook as a person edits it."""
    path = corpus.path / "codebook.toml"
    text = path.read_text("utf-8")
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text + more, "utf-8")


def note(text):
    return {
        "from_name": "note",
        "to_name": "sentence",
        "type": "textarea",
        "value": {"text": [text]},
    }


def sync_all(label_studio, corpus):
    corpus = read_corpus(corpus.path)
    return [
        sync.sync(label_studio.connection, corpus, plan)
        for plan in sync.plans(corpus, corpus.batches)
    ]


def sync_one(label_studio, corpus, batch, annotator):
    corpus = read_corpus(corpus.path)
    [plan] = [plan for plan in sync.plans(corpus, [batch]) if plan.annotator == annotator]
    return sync.sync(label_studio.connection, corpus, plan)


def save_draft(label_studio, path, result):
    """As the page saves it while somebody labels."""
    label_studio.connection.request("POST", path, {"result": result, "lead_time": 4})


@pytest.fixture
def corpus(label_studio, make_corpus, request):
    """Anna has answered, skipped and begun; bo has answered; all of it is synced."""
    name = "mig-" + re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")
    corpus = make_corpus(codebook=BOOK.replace("NAME", name))
    anna, bo = (
        sync.push(label_studio.connection, corpus, plan)
        for plan in sync.plans(corpus, corpus.batches)
    )
    first, second, third, fourth = corpus.sentences
    tasks = label_studio.task_ids(anna.project)
    label_studio.answer(
        tasks[first],
        [choices("stance", ["pro"]), choices("topics", ["rails", "money", "roads"]), note("R")],
        lead_time=3,
    )
    label_studio.answer(tasks[second], [choices("topics", ["roads"])], was_cancelled=True)
    save_draft(label_studio, f"api/tasks/{tasks[third]}/drafts", [choices("stance", ["pro"])])
    tasks = label_studio.task_ids(bo.project)
    label_studio.answer(tasks[first], [choices("stance", ["contra"])])
    label_studio.answer(tasks[fourth], [choices("stance", ["pro"]), choices("topics", ["money"])])
    sync_all(label_studio, corpus)
    return corpus


@pytest.fixture
def migrate(script, label_studio):
    def run(corpus, *arguments):
        data = label_studio.running.data
        return script("migrate_codebook", "--corpus", corpus.path, "--data", data, *arguments)

    return run


def files(corpus):
    return {
        path.relative_to(corpus.path).as_posix(): path.read_bytes()
        for path in sorted(corpus.path.rglob("*"))
        if path.is_file()
    }


def server_state(label_studio, corpus):
    """Everything on the server that a person made, and the pages."""
    found = {}
    for marker, there in sorted(projects.read_marked(label_studio.connection).items()):
        if f"corpus {corpus.codebook.name}," in marker:
            for project in there:
                tasks = list(pull.pull_tasks(label_studio.connection, project))
                found[marker] = (project.label_config, project.instructions, tasks)
    return found


def kept(state):
    """What renaming never touches: who answered, how long it took, when it began, its identity."""
    return [
        {
            key: answer.get(key)
            for key in ("id", "completed_by", "user", "created_at", "lead_time", "unique_id")
        }
        | {"was_cancelled": answer.get("was_cancelled")}
        for _, _, tasks in state.values()
        for task in tasks
        for answer in [*task["annotations"], *task["drafts"]]
    ]


def names_there(state):
    return Counter(
        pair
        for _, _, tasks in state.values()
        for task in tasks
        for answer in [*task["annotations"], *task["drafts"]]
        for pair in migration.names_of(answer["result"])
    )


def said(answers):
    return [(item.sentence_id, item.annotator, item.stance, item.topics) for item in answers]


def test_renamed_and_merged_values_move_everywhere_and_sync_then_finds_nothing(
    label_studio, corpus, migrate
):
    first, _, third, fourth = corpus.sentences
    before, stored = server_state(label_studio, corpus), read_annotations(corpus.path, "pilot")
    change(corpus, *NEWER, more=RENAMES)
    looked = migrate(corpus, "--dry-run")
    assert (looked.code, server_state(label_studio, corpus)) == (0, before)
    assert read_annotations(corpus.path, "pilot") == stored

    done = migrate(corpus)
    assert done.code == 0, done.said
    assert done.out.splitlines()[:-1] == looked.out.splitlines()[:-1]
    after = server_state(label_studio, corpus)
    assert kept(after) == kept(before)
    assert names_there(after) == {
        ("stance", "for"): 3,
        ("stance", "contra"): 1,
        ("topics", "transport"): 2,
        ("topics", "money"): 2,
    }
    assert all('"pro"' not in page and "rails" not in page for page, _, _ in after.values())

    lines = read_annotations(corpus.path, "pilot")
    assert lines[: len(stored)] == stored
    assert said(lines[len(stored) :]) == [
        (first, "anna", "for", ("transport", "money")),
        (third, "anna", "for", ()),
        (fourth, "bo", "for", ("money",)),
    ]
    old, new = stored[0], lines[len(stored)]
    assert new.source == f"{old.source}; renamed in codebook 2"
    assert (new.codebook, new.created_at, new.seconds) == ("1", old.created_at, old.seconds)
    [line] = (corpus.path / "ANNOTATION_CHANGES.md").read_text("utf-8").splitlines()[-1:]
    assert line.endswith(
        ": names of codebook 2 (stance `pro` is `for`, topics `rails` is `transport`, topics "
        "`roads` is `transport`): 3 answers (pilot 3) and 0 decisions superseded by the same in "
        "today's names; the older lines stay."
    )
    rows = build_rows(read_corpus(corpus.path)).rows
    assert [(row["id"], row["stance"], row["topics"]) for row in rows] == [
        (fourth, "for", ["money"])
    ]

    whole = files(corpus)
    for _ in range(2):
        for one in sync_all(label_studio, corpus):
            assert (one.stored.new, one.stored.changed) == (0, 0)
            assert [item.code for item in one.findings if item.severity == "error"] == []
    again = migrate(corpus)
    assert (again.code, again.out.count("\n")) == (0, 1)
    assert files(corpus) == whole

    # A changed mind is stored like any other, although it was given on a renamed answer.
    [task] = [
        task
        for _, _, tasks in after.values()
        for task in tasks
        if (task["data"]["sentence_id"], task["data"]["annotator"]) == (first, "anna")
    ]
    label_studio.connection.sdk.annotations.update(task["annotations"][0]["id"], was_cancelled=True)
    anna = sync_one(label_studio, corpus, "pilot", "anna")
    assert (anna.stored.changed, [item.code for item in anna.findings]) == (1, ["W342"])
    assert read_annotations(corpus.path, "pilot")[-1].status == "skipped"


def test_a_removed_value_in_use_is_refused_with_counts_and_nothing_is_changed(
    label_studio, corpus, migrate
):
    before = server_state(label_studio, corpus)
    change(corpus, *NEWER)
    edited = files(corpus)
    refused = migrate(corpus)
    assert (refused.code, refused.out) == (1, "")
    anna, bo = (
        projects.find_project(label_studio.connection, plan).id
        for plan in sync.plans(corpus, corpus.batches)
    )
    assert [line.split("E341 ")[1].split(". Put it")[0] for line in refused.said.splitlines()] == [
        "stance 'pro' is in use, but not in codebook 2: 1 annotation and 1 draft in project "
        f"{anna} (pilot · anna), 1 annotation in project {bo} (pilot · bo), 3 stored lines",
        "topics 'rails' is in use, but not in codebook 2: 1 annotation in project "
        f"{anna} (pilot · anna), 1 stored line",
        "topics 'roads' is in use, but not in codebook 2: 2 annotations in project "
        f"{anna} (pilot · anna), 1 stored line",
    ]
    assert (server_state(label_studio, corpus), files(corpus)) == (before, edited)


def test_answers_not_yet_fetched_are_stored_as_given_and_then_renamed(
    label_studio, corpus, migrate
):
    *_, fourth = corpus.sentences
    anna = sync_one(label_studio, corpus, "pilot", "anna")
    task = label_studio.task_ids(anna.project)[fourth]
    given = label_studio.answer(task, [choices("stance", ["pro"])])
    change(corpus, *NEWER, more=RENAMES)
    blocked = sync_one(label_studio, corpus, "pilot", "anna")
    errors = [item for item in blocked.findings if item.severity == "error"]
    assert {item.code for item in errors} == {"E333", "E328"}
    assert all("`make migrate`" in item.message for item in errors)
    done = migrate(corpus)
    assert "1 new answer fetched" in done.out
    lines = [item for item in read_annotations(corpus.path, "pilot") if item.sentence_id == fourth]
    assert [(item.annotator, item.stance) for item in lines] == [
        ("bo", "pro"),
        ("anna", "pro"),
        ("bo", "for"),
        ("anna", "for"),
    ]
    assert lines[1].created_at == lines[3].created_at == f"{given.updated_at:%Y-%m-%dT%H:%M:%SZ}"
    anna = sync_one(label_studio, corpus, "pilot", "anna")
    assert (anna.stored.new, anna.stored.changed) == (0, 0)


class Killed(BaseException):
    """As if the power went."""


def test_killed_between_any_two_changes_the_next_run_goes_on(
    label_studio, corpus, migrate, monkeypatch
):
    """Every run is stopped before its second change; the last one has only one left."""
    before = server_state(label_studio, corpus)
    more = '\n[[recode]]\nlayer = "stance"\nvalue = "contra"\nversion = "2"\nreason = "narrower"\n'
    change(corpus, *NEWER, more=RENAMES + more)
    left = [0]

    def unless_killed(act):
        def do(self, *arguments, **more):
            if isinstance(self, Path) or {*arguments, more.get("method")} & {"PATCH", "PUT"}:
                left[0] -= 1
                if left[0] < 0:
                    raise Killed
            return act(self, *arguments, **more)

        return do

    monkeypatch.setattr(Client, "request", unless_killed(Client.request))
    monkeypatch.setattr(Path, "replace", unless_killed(Path.replace))
    stops = 0
    while True:
        left[:] = [min(stops, 1)]
        try:
            done = migrate(corpus, "--batch", "again")
            break
        except Killed:
            stops += 1
    monkeypatch.undo()
    # The note, the lines and the batch; two pages for each of two projects; three answers and a
    # draft. Before each of them one run was stopped.
    assert (stops, done.code) == (3 + 4 + 4, 0)
    after = server_state(label_studio, corpus)
    assert kept(after) == kept(before)
    assert {name for _, name in names_there(after)} == {"for", "contra", "transport", "money"}
    assert all('"pro"' not in page and "rails" not in page for page, _, _ in after.values())
    first = next(iter(corpus.sentences))
    assert len(read_annotations(corpus.path, "pilot")) == 5 + 3
    assert [(item.sentence_id, item.annotators) for item in read_batch(corpus.path, "again")] == [
        (first, ("bo",))
    ]
    assert (corpus.path / "ANNOTATION_CHANGES.md").read_text("utf-8").count("\n- ") == 1
    assert migrate(corpus).out.startswith("0 answers and 0 decisions in today's names, 0 new")


def test_an_unsubmitted_change_of_an_answer_is_never_thrown_away(label_studio, corpus, migrate):
    first = next(iter(corpus.sentences))
    anna = sync_one(label_studio, corpus, "pilot", "anna")
    [task] = [
        task
        for task in pull.pull_tasks(label_studio.connection, anna.project)
        if task["data"]["sentence_id"] == first
    ]
    number = task["annotations"][0]["id"]
    path = f"api/tasks/{task['id']}/annotations/{number}/drafts"
    save_draft(label_studio, path, [choices("stance", ["contra"])])
    change(corpus, *NEWER, more=RENAMES)
    before, whole = server_state(label_studio, corpus), files(corpus)
    refused = migrate(corpus)
    assert refused.code == 1
    assert f"task {task['id']}: E343 an answer was changed there and not submitted" in refused.said
    assert (server_state(label_studio, corpus), files(corpus)) == (before, whole)


def test_decisions_and_predictions_are_renamed_too(label_studio, corpus, migrate):
    connection = label_studio.connection
    first, *_ = corpus.sentences
    sent = adjudicate(connection, read_corpus(corpus.path), "zed")
    [task] = transfer.read_tasks(connection, sent.sent.project)
    answer = [choices("stance", ["pro"]), choices("topics", ["roads"]), note("It says so.")]
    label_studio.answer(task.id, answer)
    for layer in ("stance", "topics"):
        [decision] = adjudicate(connection, read_corpus(corpus.path), "zed").new
        assert decision.layer == layer
    path = corpus.path / "batches" / "pilot.jsonl"
    shown = '"show_predictions": true'
    path.write_text(path.read_text("utf-8").replace('"show_predictions": false', shown), "utf-8")
    [plan, _] = sync.plans(read_corpus(corpus.path), ["pilot"])
    proposals = {name: Proposal("pro", ("roads",), 0.9) for name in corpus.sentences}
    show_predictions(connection, read_corpus(corpus.path), plan, proposals, "m1")

    change(corpus, *NEWER, more=RENAMES)
    done = migrate(corpus)
    assert done.code == 0, done.said
    decisions = read_adjudications(corpus.path)
    assert [(item.value, item.reason, item.codebook) for item in decisions] == [
        ("pro", "It says so.", "1"),
        (("roads",), "It says so.", "1"),
        ("for", "It says so.", "1"),
        (("transport",), "It says so.", "1"),
    ]
    again = adjudicate(connection, read_corpus(corpus.path), "zed")
    assert (again.new, again.findings) == ((), ())
    project = projects.find_project(connection, plan)
    assert {
        pair
        for found in connection.sdk.predictions.list(project=project.id)
        for pair in migration.names_of(found.result)
    } == {("stance", "for"), ("topics", "transport")}
    rows = {row["id"]: row["stance"] for row in build_rows(read_corpus(corpus.path)).rows}
    assert rows[first] == "for"


def test_of_several_answers_the_one_that_counted_counts_after_the_renaming_too(
    label_studio, corpus, migrate
):
    *_, fourth = corpus.sentences
    anna = sync_one(label_studio, corpus, "pilot", "anna")
    task = label_studio.task_ids(anna.project)[fourth]
    label_studio.answer(task, [choices("stance", ["pro"]), choices("topics", ["roads"])])
    label_studio.answer(task, [choices("stance", ["contra"]), choices("topics", ["money"])])
    sync_one(label_studio, corpus, "pilot", "anna")
    sent = adjudicate(label_studio.connection, read_corpus(corpus.path), "zed")
    [case, *_] = transfer.read_tasks(label_studio.connection, sent.sent.project)
    for stance in ("pro", "none"):
        label_studio.answer(case.id, [choices("stance", [stance]), note("It says so.")])
    for _ in ("the stance", "then the topics"):
        adjudicate(label_studio.connection, read_corpus(corpus.path), "zed")

    change(corpus, *NEWER, more=RENAMES)
    done = migrate(corpus)
    assert done.code == 0, done.said
    whole = files(corpus)
    anna = sync_one(label_studio, corpus, "pilot", "anna")
    assert (anna.stored.new, anna.stored.changed) == (0, 0)
    assert adjudicate(label_studio.connection, read_corpus(corpus.path), "zed").new == ()
    assert files(corpus) == whole
    votes = {(vote.sentence_id, vote.annotator): vote for vote in read_corpus(corpus.path).votes}
    assert (votes[fourth, "anna"].stance, votes[fourth, "anna"].topics) == ("contra", ("money",))
    assert [item.value for item in read_adjudications(corpus.path)] == ["none", ()]


def test_killed_between_two_answers_to_a_sentence_the_right_one_still_counts(
    label_studio, corpus, migrate, monkeypatch
):
    *_, fourth = corpus.sentences
    anna = sync_one(label_studio, corpus, "pilot", "anna")
    task = label_studio.task_ids(anna.project)[fourth]
    older, newer = (
        label_studio.answer(task, [choices("stance", [stance])]).id for stance in ("pro", "contra")
    )
    sync_one(label_studio, corpus, "pilot", "anna")
    change(corpus, *NEWER, more=RENAMES)
    update = type(label_studio.connection.sdk.annotations).update

    def unless_killed(self, id, **more):
        if id == newer:
            raise Killed
        return update(self, id, **more)

    with monkeypatch.context() as patch:
        patch.setattr(type(label_studio.connection.sdk.annotations), "update", unless_killed)
        with pytest.raises(Killed):
            migrate(corpus)
    [given] = label_studio.connection.sdk.annotations.get(id=older).result
    assert given["value"] == {"choices": ["for"]}  # and it is the latest now
    with pytest.raises(CorpusError, match="Run `make migrate` again"):
        sync_one(label_studio, corpus, "pilot", "anna")

    done = migrate(corpus)
    assert done.code == 0, done.said
    whole = files(corpus)
    anna = sync_one(label_studio, corpus, "pilot", "anna")
    assert (anna.stored.new, anna.stored.changed) == (0, 0)
    assert files(corpus) == whole
    assert ".renaming" not in whole


def test_a_value_that_was_split_goes_to_its_annotators_again_and_to_nobody_else(
    label_studio, corpus, migrate
):
    first, *_, fourth = corpus.sentences
    change(
        corpus,
        ('version = "1"', 'version = "2"'),
        ('{ name = "pro", meaning = "For.", hotkey = "1", three_way = "favor" }',
         '{ name = "wants", meaning = "W.", hotkey = "1", three_way = "favor" },\n'
         '{ name = "pays", meaning = "P.", hotkey = "4", three_way = "favor" }'),
        more='\n[[recode]]\nlayer = "stance"\nvalue = "pro"\nversion = "2"\nreason = "split"\n',
    )  # fmt: skip
    before, whole = server_state(label_studio, corpus), files(corpus)
    unnamed = migrate(corpus)
    assert (unnamed.code, "E344" in unnamed.said) == (1, True)
    assert (server_state(label_studio, corpus), files(corpus)) == (before, whole)

    done = migrate(corpus, "--batch", "again")
    assert done.code == 0, done.said
    assert "stance pro, 2 answers to be given again (anna 1, bo 1): split" in done.out
    items = read_batch(corpus.path, "again")
    assert [(item.sentence_id, item.annotators, item.kind) for item in items] == [
        (first, ("anna",), "review"),
        (fourth, ("bo",), "review"),
    ]
    after = server_state(label_studio, corpus)
    assert [tasks for _, _, tasks in after.values()] == [tasks for *_, tasks in before.values()]
    assert all('value="pro"' in page for page, _, _ in after.values())

    old, new = (sync_one(label_studio, corpus, batch, "anna") for batch in ("pilot", "again"))
    assert [item.code for item in old.findings if item.severity == "error"] == []
    assert (old.stored.new, old.stored.changed) == (0, 0)
    task = label_studio.task_ids(new.project)[first]
    label_studio.answer(task, [choices("stance", ["pays"])])
    sync_one(label_studio, corpus, "again", "anna")
    votes = {(vote.sentence_id, vote.annotator): vote for vote in read_corpus(corpus.path).votes}
    assert votes[first, "anna"].stance == "pays"
    again = migrate(corpus)
    assert (again.code, again.out.count("\n")) == (0, 1)


def test_marked_holders_are_renamed_with_the_labels_they_stand_on(
    label_studio, second_pass, migrate, codebook
):
    corpus = second_pass(("favor", "offer"), codebook=codebook)
    done = sync_all(label_studio, corpus)[-1]
    [task] = label_studio.task_ids(done.project).values()
    text = next(iter(corpus.sentences.values())).text
    marked = Holder(0, 9, None, "favor", "offer")
    label_studio.answer(task, regions_of([marked], text), lead_time=7)
    sync_all(label_studio, corpus)
    [before] = [item for item in current(read_corpus(corpus.path).votes) if item.holders]

    names = ("stance", "favor", "support"), ("act", "offer", "bid")
    renames = [
        f'[[renames]]\nlayer = "{layer}"\nold = "{old}"\nnew = "{new}"\nversion = "2"\n'
        for layer, old, new in names
    ]
    pairs = [(f'name = "{old}"', f'name = "{new}"') for _, old, new in names]
    version = f'version = "{corpus.codebook.version}"'
    change(corpus, *pairs, (version, 'version = "2"'), more="\n" + "\n".join(renames))
    end = migrate(corpus)
    assert end.code == 0, end.said
    [after] = [item for item in current(read_corpus(corpus.path).votes) if item.holders]
    assert after == dataclasses.replace(
        before,
        stance="support",
        act="bid",
        holders=(dataclasses.replace(marked, stance="support", act="bid"),),
        source=after.source,
    )
    assert set(names_there(server_state(label_studio, corpus))) == {
        ("stance", "support"),
        ("act", "bid"),
    }
    stored = files(corpus)
    codes = [found.code for one in sync_all(label_studio, corpus) for found in one.findings]
    assert codes == ["W342"]  # the answered task says what it was answered under
    assert files(corpus) == stored
