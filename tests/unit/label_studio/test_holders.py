"""Marked regions become holders on the annotator's own labels; what does not fit is named."""

from __future__ import annotations

import dataclasses
import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.annotations import append_annotations
from corpus.checks import check_corpus
from corpus.codebook import parse_codebook
from corpus.folder import read_corpus
from corpus.holders import positions, stance_of
from corpus.label_studio.annotations import parse_export, read_export
from corpus.label_studio.holders import regions_of
from corpus.label_studio.holders_page import NOT_NAMED
from corpus.label_studio.sync import store
from corpus.label_studio.tasks import tasks_for
from corpus.migration import refusals, stored_uses
from corpus.records import Holder, Sentence
from tests.label_studio_fixtures import coded_by_anna

TEXT = "🕊 The council and its envoy accept; others refuse.\nMediators wait.\n"
ACTORS = """\
format = 1

[[actors]]
id = "council"
name = "Northern Council"
kind = "party"
aliases = ["the council"]
"""
COUNCIL = Holder(2, 13, "council", "favor", "offer")  # after the dove, one code point


@pytest.fixture
def corpus(second_pass):
    return second_pass(("favor", "offer"), text=TEXT, actors=ACTORS)


def exported(corpus, result, **answer):
    """The task of the first sentence, with an answer."""
    [task] = tasks_for(corpus, "h1", "anna")[:1]
    given_at = {"updated_at": "2026-02-01T08:30:00Z", "lead_time": 4.0}
    task["annotations"] = [{"id": 1, "completed_by": 1, "result": result, **given_at, **answer}]
    return task


def region(start, end, words, stance="favor", **changes):
    value = {"start": start, "end": end, "text": words, "labels": [stance]}
    item = {"id": "r1", "from_name": "holder", "to_name": "sentence", "type": "labels"}
    return item | {"value": value | changes}


def chosen(control, kind, name, number="r1"):
    return {"id": number, "from_name": control, "to_name": "sentence", "type": kind} | {
        "value": {"start": 2, "end": 13, "text" if kind == "textarea" else kind: [name]}
    }


COMPLY = chosen("holder_act", "choices", "comply")
ACT = chosen("holder_act", "choices", "offer")


def pulled(corpus, *result, **answer):
    return read_export([exported(corpus, list(result), **answer)], corpus, "e")


def codes(found):
    return [finding.code for finding in found.findings]


def test_the_record_has_the_labels_of_the_first_pass_and_the_holders(corpus):
    actor = chosen("holder_actor", "textarea", "Northern Council")
    found = pulled(corpus, region(2, 13, "The council"), ACT, actor)
    assert found.findings == ()
    first = corpus.annotations["pilot"][0]
    record = dataclasses.replace(
        first,
        holders=(COUNCIL,),
        created_at="2026-02-01T08:30:00Z",
        seconds=4.0,
        source="label-studio/annotation-1@2026-02-01T08:30:00Z",
    )
    assert found.annotations == {"h1": (record,)}
    store(corpus, found, "e")
    assert check_corpus(read_corpus(corpus.path)) == check_corpus(corpus)


def test_offsets_in_utf16_units_are_understood_too(corpus):
    found = pulled(corpus, region(3, 14, "The council"), ACT)
    assert found.annotations["h1"][0].holders == (dataclasses.replace(COUNCIL, actor=None),)


def test_a_holder_in_the_line_below_is_implicit_and_every_part_of_it_will_do(corpus):
    text = next(iter(corpus.sentences.values())).text
    at = len(text) + 1 + NOT_NAMED.index("holder")
    found = pulled(corpus, region(at, at + 7, "holder "), ACT)
    assert found.annotations["h1"][0].holders == (Holder(None, None, None, "favor", "offer"),)


@pytest.mark.parametrize(
    ("result", "code"),
    [
        ([region(3, 13, "The council"), ACT], "E345"),
        ([region(2, 13, "the council"), ACT], "E345"),
        ([region("2", 13, "The council"), ACT], "E345"),
        ([region(2, 13, None), ACT], "E345"),
        ([region(43, 60, "refuse. ( a holde"), ACT], "E345"),
        ([region(0, 1, "🕊 "), region(1, 2, " ")], "E348"),
        ([], "E347"),
        ([ACT], "E348"),
        ([region(2, 13, "The council", labels=[])], "E348"),
        ([region(2, 13, "The council"), ACT, ACT], "E348"),
        ([region(2, 13, "The council", "pro")], "E328"),
        ([region(2, 13, "The council"), chosen("holder_act", "choices", "dance")], "E328"),
        ([region(2, 13, "The council", "mixed")], "E349"),
        ([region(2, 13, "The council", "no_stance")], "E349"),
        ([chosen("stance", "choices", "favor")], "E329"),
        ([region(2, 13, "The council", "against"), ACT], "W352"),
        ([region(2, 13, "The council"), chosen("holder_act", "choices", "comply")], "W352"),
    ],
)
def test_an_answer_that_cannot_stand_is_named_and_left_out(corpus, result, code):
    found = pulled(corpus, *result)
    assert codes(found) == [code]
    assert found.annotations == {}


def test_answers_left_out_are_counted(corpus):
    found = pulled(corpus, region(2, 13, "The council", "against"), ACT)
    assert str(store(corpus, found, "e")) == (
        "0 new, 0 changed, 0 unchanged (0 skipped, 0 empty, 0 drafts), 1 left out"
    )
    assert store(corpus, pulled(corpus, region(2, 13, "The council"), ACT), "e").left_out == 0


def test_a_misfit_says_both_and_where_to_correct_them(corpus):
    [finding] = pulled(corpus, region(2, 13, "The council", "against"), ACT).findings
    assert finding.message == (
        "anna on lake-talks.001: the holders (against) make it against, but the stance is favor. "
        "Correct one of them. The holders are here, the labels in the first pass; until they "
        "agree, the labels stand alone and the task counts as missing."
    )


def test_a_name_of_nobody_is_said_and_the_holder_kept(corpus):
    actor = chosen("holder_actor", "textarea", "Southern Council")
    found = pulled(corpus, region(2, 13, "The council"), ACT, actor)
    assert codes(found) == ["W353"]
    assert "'Southern Council' names no actor, or several, on 2031-05-06" in str(found.findings[0])
    assert found.annotations["h1"][0].holders == (dataclasses.replace(COUNCIL, actor=None),)


@pytest.mark.parametrize("name", ["council", " The  COUNCIL "])
def test_an_actor_is_known_by_id_and_by_alias(corpus, name):
    actor = chosen("holder_actor", "textarea", name)
    found = pulled(corpus, region(2, 13, "The council"), ACT, actor)
    assert found.annotations["h1"][0].holders == (COUNCIL,)


def test_without_labels_the_holders_wait(corpus):
    nobody = dataclasses.replace(corpus, annotations={})
    found = pulled(nobody, region(2, 13, "The council"), ACT)
    assert (codes(found), found.annotations) == (["E346"], {})


@pytest.mark.parametrize("status", ["skipped", "draft"])
def test_skipped_answers_and_drafts_leave_the_labels_alone(corpus, status):
    task = exported(corpus, [region(2, 13, "The council"), ACT], was_cancelled=status == "skipped")
    if status == "draft":
        task["drafts"] = task.pop("annotations")
    found = read_export([task], corpus, "e")
    assert [(item.status, item.stance) for item in found.annotations["h1"]] == [(status, None)]
    store(corpus, found, "e")
    [vote] = read_corpus(corpus.path).votes
    assert vote == corpus.annotations["pilot"][0]


def test_the_answer_follows_its_labels_and_a_second_reading_changes_nothing(corpus):
    result = [region(2, 13, "The council"), ACT]
    store(corpus, pulled(corpus, *result), "e")
    corpus = read_corpus(corpus.path)
    assert store(corpus, pulled(corpus, *result), "e").unchanged == 1

    first = corpus.annotations["pilot"][0]
    changed = dataclasses.replace(first, topics=(), created_at="2026-03-01T00:00:00Z")
    append_annotations(corpus.path, "pilot", [changed])
    corpus = read_corpus(corpus.path)
    assert corpus.votes[-1].holders == (dataclasses.replace(COUNCIL, actor=None),)
    assert store(corpus, pulled(corpus, *result), "e").changed == 1
    last = read_corpus(corpus.path).votes[-1]
    assert (last.topics, last.holders, last.created_at) == (
        (),
        (dataclasses.replace(COUNCIL, actor=None),),
        "2026-03-01T00:00:00Z",
    )


def test_labels_without_an_act_leave_the_holders_theirs(second_pass):
    corpus = second_pass(("favor", None), text=TEXT)  # as codings of a stance alone are imported
    found = pulled(corpus, region(2, 13, "The council"), ACT)
    assert found.findings == ()
    store(corpus, found, "e")
    corpus = read_corpus(corpus.path)
    vote = corpus.votes[-1]
    assert (vote.act, [holder.act for holder in vote.holders]) == (None, ["offer"])
    assert [item.code for item in check_corpus(corpus) if item.code[1] == "3"] == []


@pytest.mark.parametrize("labels_again", [False, True])
def test_holders_keep_the_version_that_they_were_marked_under(second_pass, labels_again):
    corpus = second_pass(("mixed", None), text=TEXT)
    other = region(36, 42, "others", "against") | {"id": "r2"}
    refuse = chosen("holder_act", "choices", "refuse", "r2")
    task = exported(corpus, [region(2, 13, "The council"), COMPLY, other, refuse])
    was = corpus.codebook.version
    book = corpus.path / "codebook.toml"
    comply = r'\[\[act.values\]\]\nname = "comply"\n(.+\n)+'
    without = re.sub(comply, "", book.read_text("utf-8"))
    without = re.sub(r"(?m)^version = .*$", 'version = "9"', without, count=1)
    recode = '\n[[recode]]\nlayer = "act"\nvalue = "comply"\nversion = "9"\nreason = "gone"\n'
    book.write_text(without + recode, "utf-8")
    if labels_again:
        first = corpus.annotations["pilot"][0]
        given = {"codebook": "9", "topics": (), "created_at": "2026-03-01T00:00:00Z"}
        append_annotations(corpus.path, "pilot", [dataclasses.replace(first, **given)])

    corpus = read_corpus(corpus.path)
    found = read_export([task], corpus, "e")
    assert [item.codebook for item in found.annotations["h1"]] == [was]
    store(corpus, found, "e")
    corpus = read_corpus(corpus.path)
    assert [item.code for item in check_corpus(corpus) if item.code[1] == "3"] == ["W354"]
    assert (refusals(corpus, stored_uses(corpus)[1]), corpus.votes[-1].holders) == ([], ())


def test_holders_of_labels_that_wait_are_stored_once_these_are_given_again(corpus):
    book = corpus.path / "codebook.toml"
    text = re.sub(r"(?m)^version = .*$", 'version = "9"', book.read_text("utf-8"), count=1)
    recode = '\n[[recode]]\nlayer = "act"\nvalue = "offer"\nversion = "9"\nreason = "split"\n'
    book.write_text(text + recode, "utf-8")
    corpus = read_corpus(corpus.path)
    result = [region(2, 13, "The council"), ACT]
    found = pulled(corpus, *result)
    assert (codes(found), found.annotations, found.left_out) == (["W352"], {}, 1)

    given = {"codebook": "9", "created_at": "2026-03-01T00:00:00Z"}
    again = dataclasses.replace(corpus.annotations["pilot"][0], **given)
    append_annotations(corpus.path, "pilot", [again])
    corpus = read_corpus(corpus.path)
    found = pulled(corpus, *result)
    assert (codes(found), store(corpus, found, "e").new) == ([], 1)
    assert read_corpus(corpus.path).votes[-1].holders == (dataclasses.replace(COUNCIL, actor=None),)


def test_a_task_whose_line_below_was_edited_is_refused(corpus):
    task = exported(corpus, [region(2, 13, "The council"), ACT])
    task["data"]["shown"] = task["data"]["text"]
    found = read_export([task], corpus, "e")
    assert (codes(found), found.annotations) == (["E324"], {})


def test_a_codebook_without_acts_has_holders_too(second_pass, small_codebook):
    book = parse_codebook(small_codebook, "codebook.toml")
    corpus = second_pass(("pro", None), codebook=small_codebook, text=TEXT)
    assert [value.name for value in positions(book)] == ["pro", "contra"]
    found = pulled(corpus, region(2, 13, "The council", "pro"))
    assert found.annotations["h1"][0].holders == (Holder(2, 13, None, "pro", None),)


# Whatever the text: emoji, right-to-left words, combining marks; overlapping and equal spans.
SCRIPTS = st.sampled_from(
    ["🕊", "👩‍👩‍👧", "שלום", "سلام", "e\u0301", "x\u20d7", "\u200f", "a", "b", " "]
)
TEXTS = st.lists(st.one_of(SCRIPTS, st.characters(codec="utf-8")), min_size=1, max_size=30).map(
    "".join
)


@st.composite
def marked(draw, book):
    """A text and holders in it, in the order in which they are stored."""
    text = draw(TEXTS.filter(lambda text: bool(text.strip())))
    places = [n for n, character in enumerate(text) if character.strip()]
    found = []
    for _ in range(draw(st.integers(1, 5))):
        start, end = sorted((draw(st.sampled_from(places)), draw(st.sampled_from(places))))
        span = draw(st.sampled_from([(start, end + 1), (None, None)]))
        stance = draw(st.sampled_from([value.name for value in positions(book)]))
        act = draw(st.sampled_from(book.names("act")))
        found.append(Holder(*span, draw(st.sampled_from([None, "council"])), stance, act))
    return text, found


def stored_order(holder):
    start, end = (-1 if at is None else at for at in (holder.start, holder.end))
    return start < 0, start, end, holder.stance, holder.actor or "", holder.act


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_export_then_import_is_the_identity(corpus, data):
    text, holders = data.draw(marked(corpus.codebook))
    name = next(iter(corpus.sentences))
    stance = stance_of(holders, corpus.codebook)
    act = next((one.act for one in holders if one.stance == stance), None)
    corpus = dataclasses.replace(
        corpus,
        sentences=corpus.sentences | {name: Sentence(name, "lake-talks", 0, len(text), text)},
        annotations={"pilot": [coded_by_anna(corpus, name, stance, act)]},
    )
    task = exported(corpus, regions_of(holders, text))
    found = read_export(parse_export(json.dumps([task]), "e"), corpus, "e")
    assert found.findings == ()
    [record] = found.annotations["h1"]
    assert record.holders == tuple(sorted(holders, key=stored_order))
    assert (record.stance, record.act) == (stance, act)
