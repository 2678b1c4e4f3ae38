"""Label Studio's JSON becomes records; what is faulty is named and loses nothing else.

data/export.json is a trimmed export of the web page of a real server (the snapshot of the SDK is
equal to it, which the integration circle checks).
"""

from __future__ import annotations

import copy
import dataclasses
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.findings import CorpusError
from corpus.label_studio.annotations import parse_export, read_export
from corpus.label_studio.results import result_of
from corpus.label_studio.tasks import tasks_for
from corpus.records import Annotation

EXPORT = Path(__file__).parent / "data" / "export.json"


@pytest.fixture
def corpus(make_corpus):
    return make_corpus()


@pytest.fixture
def export(corpus):
    """The real export, as if the tasks were made with today's codebook."""
    tasks = json.loads(EXPORT.read_text(encoding="utf-8"))
    for task in tasks:
        task["data"]["codebook"] = corpus.codebook.version
    return tasks


def findings(pulled):
    return [(finding.code, finding.place) for finding in pulled.findings]


def sentence_ids(pulled):
    return [item.sentence_id for items in pulled.annotations.values() for item in items]


def test_real_export_is_read_field_by_field(corpus, export):
    pulled = read_export(export, corpus, "export.json")
    assert pulled.findings == ()
    assert pulled.tasks == 4
    assert pulled.counts == {"done": 2, "skipped": 1, "draft": 1}
    common = Annotation(
        sentence_id="lake-talks.001",
        annotator="anna",
        codebook=corpus.codebook.version,
        stance="no_stance",
        act=None,
        topics=(),
        flags=(),
        note="",
        holders=(),
        status="done",
        created_at="2026-11-22T13:39:27Z",
        seconds=2.0,
        prediction_shown=False,
        source="",
    )
    found = [dataclasses.replace(item, source="") for item in pulled.annotations["pilot"]]
    assert found == [
        common,
        dataclasses.replace(
            common,
            sentence_id="lake-talks.002",
            stance="against",
            act="refuse_new_terms",
            topics=("negotiation_process", "agreement_terms"),
            flags=("unsure",),
            note="R5: “a step back” 🕊",
            seconds=12.346,
        ),
        dataclasses.replace(
            common,
            sentence_id="lake-talks.003",
            stance=None,
            topics=None,
            flags=("bad_unit",),
            status="skipped",
            seconds=None,
        ),
        dataclasses.replace(
            common, sentence_id="lake-talks.004", stance="favor", status="draft", seconds=4.0
        ),
    ]
    sources = [item.source for item in pulled.annotations["pilot"]]
    annotation = export[0]["annotations"][0]
    begun = annotation["created_at"][:19]
    assert (sources[0], sources[3]) == (
        f"label-studio/annotation-{annotation['id']}@{begun}Z",
        "label-studio/draft-1",
    )


def data(task, **changes):
    def change(export):
        export[task]["data"].update(changes)

    return change


def answer(task, **changes):
    def change(export):
        export[task]["annotations"][0].update(changes)

    return change


def result(task, *items):
    return answer(task, result=list(items))


def choice(control, *names):
    return {"from_name": control, "type": "choices", "value": {"choices": list(names)}}


@pytest.mark.parametrize(
    ("code", "words", "change"),
    [
        ("E323", "delete this one in Label Studio", data(0, sentence_id=None)),
        ("E323", "'x.001' is not in this corpus", data(0, sentence_id="x.001")),
        ("E323", "give one corpus another `name` in its codebook", data(0, sentence_id="x.001")),
        ("E324", "restore its file", data(0, text="Another text.")),
        ("E324", "restore its file", data(0, digest="sha256:0")),
        ("E325", "a task of corpus 'tram'", data(0, corpus="tram")),
        ("E326", "batch 'b9', which is not read here (pilot)", data(0, batch="b9")),
        ("E326", "batch ['b9']", data(0, batch=["b9"])),
        ("E327", "does not ask 'cy'", data(0, annotator="cy")),
        ("E327", "does not ask {}", data(0, annotator={})),
        ("E322", "codebook version", data(0, codebook=7)),
        ("E328", "stance 'pro' is not in codebook", result(0, choice("stance", "pro"))),
        ("E328", "topics 'aid' is not in", result(0, choice("topics", "aid"))),
        (
            "E329",
            "several values (favor, against)",
            result(0, choice("stance", "favor", "against")),
        ),
        ("E329", "control 'mood'", result(0, choice("mood", "sad"))),
        ("E329", "the result holds 7", result(0, 7)),
        ("E329", "expected a list of names", result(0, choice("stance", 7))),
        ("E329", "the result is 'favor'", answer(0, result="favor")),
        ("E329", "readable time", answer(0, updated_at="yesterday")),
        ("E329", "readable time", answer(0, updated_at=None, created_at=None)),
        (
            "E329",
            "lone surrogate",
            result(0, {"from_name": "note", "value": {"text": ["half \ud83d"]}}),
        ),
        ("E329", "expected an annotation", lambda export: export[0].update(annotations=[3])),
        ("E322", "annotations is 3", lambda export: export[0].update(annotations=3)),
        ("E322", "without its data", lambda export: export[0].update(data=None)),
        ("E322", "JSON-MIN", lambda export: export[0].pop("data")),
    ],
)
def test_fault_is_named_and_the_others_are_read(corpus, export, code, words, change):
    change(export)
    pulled = read_export(export, corpus, "export.json")
    assert findings(pulled) == [(code, "export.json: task 1")]
    assert words in pulled.findings[0].message
    assert sentence_ids(pulled) == ["lake-talks.002", "lake-talks.003", "lake-talks.004"]


@pytest.mark.parametrize("export", [None, 7, "text", {}, {"id": 1, "annotations": []}, [], [[]]])
def test_another_shape_is_a_finding_or_nothing(corpus, export):
    pulled = read_export(export, corpus, "export.json")
    assert pulled.annotations == {}
    assert len(pulled.findings) == (0 if export == [] else 1)


@pytest.mark.parametrize("text", ["", "[", "[{]", "[" * 100_000, "9" * 5_000, "id,data\n1,x"])
def test_broken_json_is_refused_in_words(text):
    with pytest.raises(CorpusError, match=r"E321 not .*Export the project again"):
        parse_export(text, "export.json")


def test_text_of_another_kind_of_json_never_raises(corpus, export):
    for wrong in (None, 0, "", [], {}, [None], {"id": "x"}, True, 1e400):
        for key in ("annotations", "drafts", "predictions", "data", "id"):
            tasks = copy.deepcopy(export)
            tasks[0][key] = wrong
            assert len(sentence_ids(read_export(tasks, corpus, "export.json"))) >= 3
        for key in list(export[0]["annotations"][0]):
            tasks = copy.deepcopy(export)
            tasks[0]["annotations"][0][key] = wrong
            assert len(sentence_ids(read_export(tasks, corpus, "export.json"))) >= 3


def test_tasks_with_one_fault_are_one_finding(corpus, export):
    for task in export:
        task["data"]["corpus"] = "tram"
    pulled = read_export(export * 2, corpus, "export.json")
    assert findings(pulled) == [("E325", "export.json: tasks 1, 2, 3, 4")]


def test_project_of_another_annotator_is_named(corpus, export):
    pulled = read_export(export, corpus, "project 7", only=("pilot", "bo"))
    assert findings(pulled) == [("E326", "project 7: tasks 1, 2, 3, 4")]
    assert pulled.annotations == {}


def test_second_person_in_a_project_is_refused(corpus, export):
    answer(2, completed_by=8)(export)
    export[1]["annotations"][0]["completed_by"] = {"id": 1, "email": "someone@example.com"}
    pulled = read_export(export, corpus, "export.json")
    assert findings(pulled) == [("E330", "export.json: task 3")]
    assert "user 8 labelled in the project of 'anna'" in pulled.findings[0].message
    assert "example.com" not in pulled.findings[0].message
    assert sentence_ids(pulled) == ["lake-talks.001", "lake-talks.002", "lake-talks.004"]


def test_latest_of_several_answers_counts(corpus, export):
    later = copy.deepcopy(export[0]["annotations"][0])
    later |= {"result": [choice("stance", "mixed")], "updated_at": "2026-11-23T08:00:00.5Z"}
    export[0]["annotations"].insert(0, later)
    pulled = read_export(export, corpus, "export.json")
    assert findings(pulled) == [("W341", "export.json: task 1")]
    first = pulled.annotations["pilot"][0]
    assert (first.stance, first.created_at) == ("mixed", "2026-11-23T08:00:00Z")


def test_draft_gives_way_to_a_submitted_answer(corpus, export):
    export[0]["drafts"] = export[3]["drafts"]
    pulled = read_export(export, corpus, "export.json")
    assert pulled.findings == ()
    assert pulled.annotations["pilot"][0].stance == "no_stance"


def test_another_codebook_version_is_kept_and_said(corpus, export):
    for task in export:
        task["data"]["codebook"] = "0.1"
    pulled = read_export(export, corpus, "export.json")
    assert findings(pulled) == [("W342", "export.json")]
    assert {item.codebook for item in pulled.annotations["pilot"]} == {"0.1"}


def test_act_that_is_not_asked_is_left_out_and_said(corpus, export):
    result(0, choice("act", "offer"), choice("stance", "no_stance"))(export)
    pulled = read_export(export, corpus, "export.json")
    assert findings(pulled) == [("W343", "export.json: task 1")]
    assert pulled.annotations["pilot"][0].act is None


def test_submitted_without_a_stance_is_empty(corpus, export):
    result(0, choice("topics", "humanitarian_aid"))(export)
    [first, *_] = read_export(export, corpus, "export.json").annotations["pilot"]
    assert (first.status, first.stance, first.topics) == ("empty", None, ("humanitarian_aid",))


@pytest.mark.parametrize(
    "change", [{"annotations": None, "predictions": [5]}, {"annotations": {"parent_prediction": 5}}]
)
def test_shown_prediction_is_remembered(corpus, export, change):
    if change["annotations"]:
        answer(0, **change["annotations"])(export)
    else:
        export[0]["predictions"] = change["predictions"]
    [first, second, *_] = read_export(export, corpus, "export.json").annotations["pilot"]
    assert (first.prediction_shown, second.prediction_shown) == (True, False)


@pytest.mark.parametrize("seconds", [-1, True, "12", None, float("nan"), float("inf"), 10**400])
def test_impossible_duration_is_unknown(corpus, export, seconds):
    answer(0, lead_time=seconds)(export)
    [first, *_] = read_export(export, corpus, "export.json").annotations["pilot"]
    assert first.seconds is None


def test_codebook_without_topics_leaves_them_unasked(make_corpus, small_codebook):
    corpus = make_corpus(codebook=small_codebook)
    [task, *_] = tasks_for(corpus, "pilot", "anna")
    task["annotations"] = [
        {"result": [choice("stance", "pro")], "updated_at": "2031-05-07T00:00:00Z"}
    ]
    [annotation] = read_export([task], corpus, "e").annotations["pilot"]
    assert (annotation.topics, annotation.act, annotation.status) == (None, None, "done")
    task["annotations"][0]["result"].append(choice("topics", "aid"))
    assert findings(read_export([task], corpus, "e")) == [("E328", "e: task number 1")]


@st.composite
def answers(draw, codebook):
    stance = draw(st.sampled_from(codebook.names("stance")))
    act = draw(st.sampled_from(codebook.names("act")))
    note = draw(st.text(st.characters(codec="utf-8"), max_size=30)).strip()
    chosen = {}
    for layer in ("topics", "flags"):
        names = draw(st.sets(st.sampled_from(codebook.names(layer))))
        chosen[layer] = tuple(name for name in codebook.names(layer) if name in names)
    return stance, act if stance in codebook.asking_act else None, chosen, note


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), st.booleans(), st.floats(0, 1e6).map(lambda seconds: round(seconds, 3)))
def test_export_then_import_is_the_identity(corpus, drawn, shown, seconds):
    tasks, expected = tasks_for(corpus, "pilot", "anna"), []
    for number, task in enumerate(tasks):
        stance, act, chosen, note = drawn.draw(answers(corpus.codebook))
        annotation = Annotation(
            sentence_id=task["data"]["sentence_id"],
            annotator="anna",
            codebook=corpus.codebook.version,
            stance=stance,
            act=act,
            topics=chosen["topics"],
            flags=chosen["flags"],
            note=note,
            holders=(),
            status="done",
            created_at=f"2031-05-07T00:00:0{number}Z",
            seconds=seconds,
            prediction_shown=shown,
            source=f"label-studio/annotation-{number}@2031-05-07T00:00:0{number}Z",
        )
        expected.append(annotation)
        task["annotations"] = [
            {
                "id": number,
                "completed_by": 1,
                "result": result_of(annotation),
                "was_cancelled": False,
                "updated_at": annotation.created_at,
                "lead_time": seconds,
                "parent_prediction": 9 if shown else None,
            }
        ]
    pulled = read_export(parse_export(json.dumps(tasks), "e"), corpus, "e")
    assert pulled.findings == ()
    assert pulled.annotations == {"pilot": tuple(expected)}
