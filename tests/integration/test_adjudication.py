"""Disputes go to an adjudicator's project on a real server, and decisions come back."""

from __future__ import annotations

import pytest

from corpus.annotations import append_adjudications, current, read_adjudications
from corpus.folder import read_corpus
from corpus.gold import gold_labels
from corpus.label_studio import sync, transfer
from corpus.label_studio.adjudication import adjudicate
from corpus.label_studio.projects import find_project
from corpus.label_studio.results import choices
from corpus.records import Adjudication

pytestmark = pytest.mark.server


def reason(text):
    return {
        "from_name": "note",
        "to_name": "sentence",
        "type": "textarea",
        "value": {"text": [text]},
    }


ANSWERS = {
    "anna": [choices("stance", ["favor"]), choices("act", ["offer"]), choices("topics", ["other"])],
    "bo": [
        choices("stance", ["against"]),
        choices("act", ["refuse"]),
        choices("topics", ["other"]),
    ],
}


@pytest.fixture
def disputed(label_studio, make_corpus, codebook):
    """Anna and bo differ on the stance of the first sentence, and agree on the second."""
    corpus = make_corpus(codebook=codebook)
    first, second, *_ = corpus.sentences
    for plan in sync.plans(corpus, corpus.batches):
        done = sync.push(label_studio.connection, corpus, plan)
        tasks = label_studio.task_ids(done.project)
        label_studio.answer(tasks[first], ANSWERS[plan.annotator])
        label_studio.answer(tasks[second], ANSWERS["anna"])
        sync.sync(label_studio.connection, corpus, plan)
    return corpus.path


def test_a_decision_comes_back_once_with_its_rule_and_reason(label_studio, disputed):
    connection = label_studio.connection
    first, second, *_ = read_corpus(disputed).sentences
    sent = adjudicate(connection, read_corpus(disputed), "zed")
    assert (str(sent.sent.diff), sent.new) == (
        "1 new, 0 unchanged, 0 changed, 0 orphaned",
        (),
    )
    [task] = transfer.read_tasks(connection, sent.sent.project)
    assert task.data["layers"] == "Decide: stance"
    assert "anna" not in task.data["votes"] + task.data["rules"]

    answer = [
        choices("stance", ["conditional"]),
        choices("act", ["demand"]),
        choices("rule", ["R4"]),
    ]
    label_studio.answer(task.id, [*answer, reason("Only meets.")])
    done = adjudicate(connection, read_corpus(disputed), "zed")
    assert [(item.layer, item.value, item.rule, item.reason) for item in done.new] == [
        ("stance", "conditional", "R4", "Only meets."),
        ("act", "demand", "R4", "Only meets."),
    ]
    assert done.findings == ()
    corpus = read_corpus(disputed)
    gold = gold_labels(current(corpus.votes), corpus.adjudications, corpus.codebook)
    assert (gold.labels[first].stance, gold.labels[first].how) == ("conditional", "adjudicated")
    assert (gold.labels[second].stance, gold.disputes) == ("favor", ())

    before = (disputed / "adjudications.jsonl").read_bytes()
    again = adjudicate(connection, read_corpus(disputed), "zed")
    assert (again.new, str(again.sent.diff)) == ((), "0 new, 1 unchanged, 0 changed, 0 orphaned")
    assert (disputed / "adjudications.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        ([choices("stance", ["no_stance"])], "no rule is cited"),
        ([choices("stance", ["no_stance"]), choices("rule", ["R4"])], "there is no reason"),
        ([choices("rule", ["R4"]), reason("x")], "the stance is disputed, and none is chosen"),
        (
            [choices("stance", ["favor"]), choices("rule", ["R4"]), reason("x")],
            "an act has to be chosen",
        ),
        ([choices("stance", ["pro"]), choices("rule", ["R4"])], "pro"),
    ],
)
def test_half_a_decision_is_named_and_not_stored(label_studio, disputed, answer, what):
    connection = label_studio.connection
    sent = adjudicate(connection, read_corpus(disputed), "zed")
    [task] = transfer.read_tasks(connection, sent.sent.project)
    label_studio.answer(task.id, answer)
    done = adjudicate(connection, read_corpus(disputed), "zed")
    [finding] = done.findings
    assert what in finding.message
    assert finding.place.endswith(f"task {task.id}")
    assert read_adjudications(disputed) == []


def test_annotators_get_no_case_that_they_coded_and_no_empty_project(
    label_studio, disputed, script
):
    connection = label_studio.connection
    done = adjudicate(connection, read_corpus(disputed), "bo")
    assert (done.docket.cases, done.docket.own) == ((), 1)
    assert find_project(connection, done.sent.plan) is None
    data = label_studio.running.data
    arguments = ("--corpus", disputed, "--data", data, "--adjudicator", "bo")
    said = script("adjudicate_label_studio", *arguments)
    assert said.code == 0
    assert said.out.startswith("No project was made: 0 new, 0 unchanged")
    assert find_project(connection, done.sent.plan) is None


def test_a_decision_is_of_the_codebook_it_was_made_under_whenever_it_is_fetched(
    label_studio, disputed
):
    connection = label_studio.connection
    sent = adjudicate(connection, read_corpus(disputed), "zed")
    [task] = transfer.read_tasks(connection, sent.sent.project)
    answer = [choices("stance", ["no_stance"]), choices("rule", ["R4"])]
    made = label_studio.answer(task.id, [*answer, reason("Before.")])

    path = disputed / "codebook.toml"
    old, new = read_corpus(disputed).codebook.version, "99.0"
    text = path.read_text("utf-8").replace(f'version = "{old}"', f'version = "{new}"', 1)
    recode = {"layer": "stance", "value": "no_stance", "version": new, "reason": "It is wider."}
    table = "".join(f'{key} = "{value}"\n' for key, value in recode.items())
    path.write_text(f"{text}\n[[recode]]\n{table}", "utf-8")
    for expected in (2, 0):
        fetched = adjudicate(connection, read_corpus(disputed), "zed")
        assert [item.codebook for item in fetched.new] == [old] * expected
    [case] = fetched.docket.cases
    assert case.is_open  # decided under the old meaning

    connection.sdk.annotations.update(id=made.id, result=[*answer, reason("After.")])
    changed = adjudicate(connection, read_corpus(disputed), "zed")
    assert [item.codebook for item in changed.new] == [new, new]
    [case] = adjudicate(connection, read_corpus(disputed), "zed").docket.cases
    assert not case.is_open


def test_of_two_copies_of_a_task_the_later_answer_counts_and_twice_changes_nothing(
    label_studio, disputed
):
    connection = label_studio.connection
    sent = adjudicate(connection, read_corpus(disputed), "zed")
    [task] = transfer.read_tasks(connection, sent.sent.project)
    copy = connection.sdk.tasks.create(project=sent.sent.project.id, data=dict(task.data))
    for task_id, stance in ((copy.id, "no_stance"), (task.id, "mixed")):
        answer = [choices("stance", [stance]), choices("rule", ["R4"]), reason("x")]
        label_studio.answer(task_id, answer)
    adjudicate(connection, read_corpus(disputed), "zed")
    stored = (disputed / "adjudications.jsonl").read_bytes()
    assert [item.value for item in read_adjudications(disputed)] == ["mixed", None]
    assert adjudicate(connection, read_corpus(disputed), "zed").new == ()
    assert (disputed / "adjudications.jsonl").read_bytes() == stored


def test_what_another_adjudicator_decided_later_holds(label_studio, disputed):
    connection = label_studio.connection
    first = next(iter(read_corpus(disputed).sentences))
    sent = adjudicate(connection, read_corpus(disputed), "zed")
    [task] = transfer.read_tasks(connection, sent.sent.project)
    rest = [choices("rule", ["R4"]), reason("x")]
    made = label_studio.answer(task.id, [choices("stance", ["no_stance"]), *rest])
    adjudicate(connection, read_corpus(disputed), "zed")
    append_adjudications(
        disputed, [Adjudication(first, "stance", "mixed", "yo", "R4", "by hand", "1.0")]
    )
    assert adjudicate(connection, read_corpus(disputed), "zed").new == ()
    corpus = read_corpus(disputed)
    gold = gold_labels(current(corpus.votes), corpus.adjudications, corpus.codebook)
    assert gold.labels[first].stance == "mixed"
    connection.sdk.annotations.update(id=made.id, result=[choices("stance", ["favor"]), *rest])
    assert adjudicate(connection, read_corpus(disputed), "zed").new == ()  # yo has decided it


def test_what_was_decided_elsewhere_is_not_asked_again(label_studio, disputed):
    first = next(iter(read_corpus(disputed).sentences))
    lines = [
        Adjudication(first, layer, value, "zed", "R4", "by hand", "1.0")
        for layer, value in (("stance", "favor"), ("act", "offer"))
    ]
    append_adjudications(disputed, lines)
    done = adjudicate(label_studio.connection, read_corpus(disputed), "zed")
    assert (done.sent.asked, done.docket.cases, done.new) == (0, (), ())
