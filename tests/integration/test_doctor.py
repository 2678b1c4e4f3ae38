"""`make doctor` on a real server: what is fine, and what to do about the rest."""

from __future__ import annotations

import pytest

from corpus.label_studio import doctor, server, sync
from corpus.label_studio.results import choices

pytestmark = pytest.mark.server


@pytest.fixture
def examined(label_studio):
    """The checks of a corpus by name; several of one name by their number."""

    def make(corpus):
        data = label_studio.running.data
        return [(check.name, check) for check in doctor.examine(corpus, None, data)]

    return make


def test_a_server_with_its_projects_needs_nothing(label_studio, make_corpus, codebook, examined):
    corpus = make_corpus(codebook=codebook, annotators=("anna", "bo"))
    [anna, _] = sync.plans(corpus, corpus.batches)
    sync.push(label_studio.connection, corpus, anna)
    checks = dict(examined(corpus))
    assert [check.todo for check in checks.values() if check.is_needed] == [""] * 3
    assert "Label Studio 1.23." in checks["server"].found
    assert checks["token"].found.startswith("legacy token of user ")
    assert checks["projects"].found.startswith("1 with codebook")
    assert "; 1 not there" in checks["projects"].found
    assert "blocked" in checks["backend"].found
    assert str(checks["backend"]).startswith("note  backend    ")
    project = sync.push(label_studio.connection, corpus, anna).project
    assert list(label_studio.connection.sdk.ml.list(project=project.id)) == []


def test_an_older_page_is_renewed_by_sync_and_one_with_labels_in_use_cannot(
    label_studio, make_corpus, codebook, examined
):
    older = make_corpus(codebook=codebook, annotators=("anna",))
    [plan] = sync.plans(older, older.batches)
    project = sync.push(label_studio.connection, older, plan).project
    newer = make_corpus(
        codebook=codebook.replace('name = "sanctions_economy"', 'name = "sanctions"'),
        annotators=("anna",),
    )
    [check] = [check for name, check in examined(newer) if name == "project"]
    assert (check.todo, check.is_needed) == ("`make sync` renews it.", False)

    task = next(iter(label_studio.task_ids(project).values()))
    answer = [choices("stance", ["mixed"]), choices("topics", ["sanctions_economy"])]
    label_studio.answer(task, answer)
    [check] = [check for name, check in examined(newer) if name == "project"]
    assert check.is_needed
    assert "sanctions_economy (1 annotation)" in check.todo


def test_two_projects_of_one_mark_are_named(label_studio, make_corpus, codebook, examined):
    corpus = make_corpus(codebook=codebook, annotators=("anna",))
    [plan] = sync.plans(corpus, corpus.batches)
    sync.push(label_studio.connection, corpus, plan)
    twin = label_studio.connection.sdk.projects.create(
        title="twin", description=plan.marker, label_config=plan.label_config
    )
    [check] = [check for name, check in examined(corpus) if name == "project"]
    assert "have the same mark" in check.found
    assert str(twin.id) in check.found


def test_projects_under_a_former_name_of_the_corpus_are_named(
    label_studio, make_corpus, codebook, examined
):
    older = make_corpus(codebook=codebook, batch="former", annotators=("anna",))
    [plan] = sync.plans(older, older.batches)
    sync.push(label_studio.connection, older, plan)
    assert "name" not in dict(examined(older))
    renamed = codebook.replace('name = "', 'name = "new-', 1)
    newer = make_corpus(codebook=renamed, batch="former", annotators=("anna",))
    check = dict(examined(newer))["name"]
    assert check.found.endswith(f"are there, of {older.codebook.name}.")
    assert not check.is_needed


def test_a_server_that_may_call_its_own_machine_is_fine(
    label_studio_with_backends, make_corpus, codebook
):
    corpus = make_corpus(codebook=codebook, annotators=("anna",))
    [plan] = sync.plans(corpus, corpus.batches)
    project = sync.push(label_studio_with_backends.connection, corpus, plan).project
    *_, check = doctor.examine(corpus, None, label_studio_with_backends.running.data)
    assert str(check) == "ok    backend    addresses of the server's own machine are allowed."
    assert list(label_studio_with_backends.connection.sdk.ml.list(project=project.id)) == []


def test_without_a_server_the_first_line_says_how_to_start_one(make_corpus, tmp_path):
    first, disk = doctor.examine(make_corpus(), None, tmp_path / "none")
    assert "`make label-studio` starts one" in first.todo
    assert str(first).startswith("TO DO server")
    assert disk.name == "disk"


def test_a_refused_token_is_the_only_answer(label_studio, make_corpus, monkeypatch):
    monkeypatch.setenv("LABEL_STUDIO_URL", label_studio.url)
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "0" * 40)
    first, _ = doctor.examine(make_corpus(), None, server.data_folder())
    assert "refused the legacy token" in first.todo
