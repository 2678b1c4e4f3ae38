"""The actor audit as people run it."""

import json

import pytest

ACTORS = """\
format = 1
actors = [
  { id = "city", name = "The city", kind = "state", aliases = ["city council"] },
  { id = "league", name = "Taxpayers' League", kind = "party" },
  { id = "list", name = "Harbour List", kind = "party" },
  { id = "ferry", name = "Ferry Company", kind = "party" },
]
"""


@pytest.fixture
def run(script, tram, built, tmp_path):
    """Audit the tram dataset with these actors; the report's path stands in `run.report`."""

    def make(actors, *arguments):
        if actors is not None:
            (tram / "actors.toml").write_text(actors)
        where = ("--corpus", tram, "--dataset", built.dataset, "--out", make.report)
        return script("audit_actors", *where, *arguments)

    make.report = tmp_path / "audit/report.json"
    return make


def test_the_audit_is_printed_and_written(run):
    end = run(ACTORS, "--sides", "state", "party", "--top", "2")
    assert end.code == 0, end.said
    record = json.loads(run.report.read_text("utf-8"))
    # Train has 14 labelled sentences of three articles. The city stands in the first sentence of
    # council-vote and of the second paragraph of court, the list and the league in one each.
    assert (record["n_sentences"], record["n_articles"], record["n_naming"]) == (14, 3, 4)
    assert [name["actor"] for name in record["weights"]["names"]] != []
    assert {name["actor"] for name in record["weights"]["names"]} == {"city", "list", "league"}
    assert record["swaps"]["another actor of its kind"]["n_sentences"] == 2  # one state only
    assert record["sides"] == ["state", "party"]
    lines = end.out.splitlines()
    assert lines[0].endswith("leaving out one group at a time: 14 sentences, 3 articles, 3 groups.")
    assert lines[1].startswith("4 sentences name an actor; ")
    assert "  named: none with 30 sentences or more" in lines
    assert "4 actors, dataset " in end.said
    first = run.report.read_bytes()
    assert run(ACTORS, "--sides", "state", "party").code == 0
    assert run.report.read_bytes() == first


def test_a_corpus_without_actors_says_what_is_missing(run):
    for actors in (None, "format = 1\n"):
        end = run(actors)
        assert (end.code, end.out) == (1, "")
        assert "actors.toml: names no actor, so there is no name to mask or swap." in end.said
        assert not run.report.exists()


def test_actors_whom_nobody_names_are_said(run):
    end = run('format = 1\nactors = [{ id = "ferry", name = "Ferry Company", kind = "party" }]\n')
    assert end.code == 0
    assert end.out.startswith("None of 14 sentences names one of 1 actors: there is nothing")
    assert json.loads(run.report.read_text("utf-8"))["is_audited"] is False


def test_one_actor_alone_is_masked_and_not_swapped(run):
    end = run('format = 1\nactors = [{ id = "city", name = "The city", kind = "state" }]\n')
    assert end.code == 0
    assert "  another actor of its kind (0 sentences, 0 variants)" in end.out
    assert "three-way undefined: no sentence" in end.out


def test_actors_that_cannot_be_read_are_findings(run):
    end = run('format = 1\nactors = [{ id = "city", name = "City" }]\n')
    assert (end.code, end.out) == (1, "")
    assert "E162 kind is missing." in end.said
