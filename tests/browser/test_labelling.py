"""Chromium labels by keyboard alone, and what was pressed arrives as records."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from corpus.annotations import read_annotations
from corpus.batches import BatchItem, write_batch
from corpus.folder import read_corpus
from corpus.label_studio import sync
from corpus.label_studio.predictions import Proposal, show_predictions
from tests.browser_fixtures import LabellingPage, session

pytestmark = [pytest.mark.server, pytest.mark.browser]

ROOT = Path(__file__).resolve().parents[2]
SECRET = {"PARLEY_BACKEND_SECRET": "the-secret-of-this-test-0123456789"}


@pytest.fixture
def labelling(logged_in, label_studio):
    pages = []

    def open_page(corpus):
        [done] = [
            sync.push(label_studio.connection, corpus, plan)
            for plan in sync.plans(corpus, corpus.batches)
        ]
        pages.append(LabellingPage(logged_in, label_studio, done.project))
        return pages[-1]

    yield open_page
    for page in pages:
        page.page.close()


def pulled(label_studio, corpus):
    """The annotations after a sync, by sentence id."""
    for plan in sync.plans(corpus, corpus.batches):
        assert sync.sync(label_studio.connection, corpus, plan).findings == ()
    return {item.sentence_id: item for item in read_annotations(corpus.path, "pilot")}


def seeds(name):
    root = Path(__file__).resolve().parents[2]
    text = (root / "seeds" / "codebook.toml").read_text(encoding="utf-8")
    return text.replace('name = "ceasefire"', f'name = "{name}"', 1)


def test_keys_alone_label_tasks(label_studio, labelling, make_corpus):
    corpus = make_corpus(codebook=seeds("keys"), annotators=("anna",))
    first, second, third, _ = corpus.sentences.values()
    page = labelling(corpus)
    page.wait_for_sentence(first.text)

    # An act that was chosen before the stance changed is hidden, and not submitted.
    page.press_and_see("3", "against")
    page.press_and_see("Shift+7", "against", "accuse")
    page.press_and_see("5", "no_stance")
    page.submit(following=second.text)

    # Plain digits are stances, with Shift they are acts, letters are topics and flags.
    page.press_and_see("1", "favor")
    page.press_and_see("3", "against")
    page.press_and_see("Shift+1", "against", "endorse")
    page.press_and_see("Shift+6", "against", "refuse_new_terms")
    page.press_and_see("n", "against", "refuse_new_terms", "negotiation_process")
    page.press_and_see("a", "against", "refuse_new_terms", "negotiation_process", "agreement_terms")
    everything = ("against", "refuse_new_terms", "negotiation_process", "agreement_terms", "unsure")
    page.press_and_see("q", *everything)
    if os.environ.get("PARLEY_SCREENSHOT"):
        toast = page.page.get_by_text("Annotation saved successfully", exact=True)
        toast.wait_for(state="hidden")
        page.page.screenshot(path=os.environ["PARLEY_SCREENSHOT"])
    # The note takes every key for itself, until Enter ends it.
    page.page.locator(".parley-note input").focus()
    page.page.keyboard.type("R5 2 nq!")
    page.press_and_see("Enter", *everything)
    page.submit(following=third.text)
    page.press("Control+Space")
    page.wait_for_sentence("Aid convoys")

    found = pulled(label_studio, corpus)
    assert set(found) == {first.id, second.id, third.id}
    assert (found[first.id].stance, found[first.id].act) == ("no_stance", None)
    assert found[first.id].topics == ()
    done = found[second.id]
    assert (done.status, done.annotator, done.stance, done.act, done.topics) == (
        "done",
        "anna",
        "against",
        "refuse_new_terms",
        ("negotiation_process", "agreement_terms"),
    )
    assert (done.flags, done.note) == (("unsure",), "R5 2 nq!")
    assert done.seconds is not None
    assert done.seconds > 0
    assert not done.prediction_shown
    assert found[third.id].status == "skipped"


def test_every_act_key_chooses_its_act(labelling, make_corpus):
    corpus = make_corpus(codebook=seeds("acts"), annotators=("anna",))
    page = labelling(corpus)
    page.press_and_see("2", "conditional")
    for number, act in enumerate(corpus.codebook.names("act"), start=1):
        page.press_and_see(f"Shift+{number}", "conditional", act)


def test_stance_and_act_cannot_be_forgotten(labelling, make_corpus):
    corpus = make_corpus(codebook=seeds("forgotten"), annotators=("anna",))
    page = labelling(corpus)
    warning = page.page.locator(".ant-modal-confirm")
    for key, question in (("n", corpus.codebook.stance), ("1", corpus.codebook.act)):
        page.press(key)
        page.press("Control+Enter")
        warning.get_by_text(question.question).wait_for()
        page.press("Escape")
        warning.wait_for(state="hidden")


def test_note_that_was_not_ended_is_submitted_too(label_studio, labelling, make_corpus):
    corpus = make_corpus(codebook=seeds("notes"), annotators=("anna",))
    first, second, *_ = corpus.sentences.values()
    page = labelling(corpus)
    page.press_and_see("4", "mixed")
    page.page.locator(".parley-note input").focus()
    page.page.keyboard.type("two holders")
    page.page.click("button[aria-label='Submit current annotation']")
    page.wait_for_sentence(second.text)
    assert pulled(label_studio, corpus)[first.id].note == "two holders"


def test_task_fits_the_screen(labelling, make_corpus):
    long = "The council said that it would sign the accord once the monitors had left the valley"
    corpus = make_corpus(
        codebook=seeds("fits"), annotators=("anna",), text="\n".join([f"{long}, {long}."] * 3)
    )
    page = labelling(corpus)
    page.press_and_see("1", "favor")
    bottom, bar = (
        page.page.locator(place).bounding_box() for place in (".parley-note", ".lsf-bottombar")
    )
    assert bottom["y"] + bottom["height"] <= bar["y"]


def test_second_codebook_has_its_own_keys(label_studio, labelling, make_corpus, small_codebook):
    corpus = make_corpus(
        codebook=small_codebook.replace('"tram"', '"tram-keys"', 1), annotators=("cy",)
    )
    first, second, *_ = corpus.sentences.values()
    page = labelling(corpus)
    page.press_and_see("2", "contra")
    page.submit(following=second.text)
    found = pulled(label_studio, corpus)
    assert (found[first.id].stance, found[first.id].topics) == ("contra", None)


def test_a_prediction_is_preselected_and_can_be_changed(logged_in, label_studio, make_corpus):
    text = (ROOT / "seeds/codebook.toml").read_text(encoding="utf-8")
    text = text.replace('name = "ceasefire"', 'name = "preselected"', 1)
    path = make_corpus(codebook=text, annotators=("anna",)).path
    names = list(read_corpus(path).sentences)
    write_batch(
        path, "shown", [BatchItem(name, ("anna",), show_predictions=True) for name in names]
    )
    corpus = read_corpus(path)
    [plan] = sync.plans(corpus, ["shown"])
    project = sync.push(label_studio.connection, corpus, plan).project
    proposals = {name: Proposal("no_stance", ("other",), 0.8) for name in names}
    show_predictions(label_studio.connection, corpus, plan, proposals, "v1")

    page = LabellingPage(logged_in, label_studio, project)
    page.see("no_stance", "other")
    page.submit(following=corpus.sentences[names[1]].text[:40])
    page.see("no_stance", "other")
    page.press_and_see("4", "mixed", "other")
    page.submit()
    sync.sync(label_studio.connection, corpus, plan)
    stored = read_annotations(path, "shown")
    assert [(item.stance, item.topics, item.prediction_shown) for item in stored] == [
        ("no_stance", ("other",), True),
        ("mixed", ("other",), True),
    ]


def test_a_live_prediction_is_preselected(
    chromium, label_studio_with_backends, make_corpus, make_model, start, finish
):
    server = label_studio_with_backends
    path = make_corpus(codebook=seeds("live"), annotators=("anna",)).path
    names = list(read_corpus(path).sentences)
    items = [BatchItem(name, ("anna",), show_predictions=name != names[2]) for name in names]
    write_batch(path, "shown", items)
    corpus = read_corpus(path)
    [plan] = sync.plans(corpus, ["shown"])
    project = sync.push(server.connection, corpus, plan).project
    learned = {names[0]: ("no_stance", {"other"}), names[1]: ("against", {"agreement_terms"})}
    model = make_model(corpus, learned)
    places = ("--corpus", path, "--model", model, "--data", server.running.data, "--port", 0)
    backend = start("serve_backend", *places, "--connect", "shown", environment=SECRET)
    while not backend.stdout.readline().startswith(b"Ready"):
        assert backend.poll() is None

    with session(chromium, server) as context:
        page = LabellingPage(context, server, project)
        page.see("no_stance", "other")
        page.submit(following=corpus.sentences[names[1]].text[:40])
        page.see("against", "agreement_terms")
        if os.environ.get("PARLEY_SCREENSHOT"):
            page.page.screenshot(path=os.environ["PARLEY_SCREENSHOT"])
        page.press_and_see("4", "mixed", "agreement_terms")
        page.submit(following=corpus.sentences[names[2]].text[:40])
        page.see()  # blind
        page.press_and_see("5", "no_stance")
        page.submit()
    backend.terminate()
    assert finish(backend).code == 0
    sync.sync(server.connection, corpus, plan)
    stored = {item.sentence_id: item for item in read_annotations(path, "shown")}
    assert [(stored[name].stance, stored[name].prediction_shown) for name in names[:3]] == [
        ("no_stance", True),
        ("mixed", True),
        ("no_stance", False),
    ]
