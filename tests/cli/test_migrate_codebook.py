"""`make migrate` without a server: what is said, what is refused, and what changes on disk."""

import pytest

RENAMED = """
[[renames]]
layer = "stance"
old = "support"
new = "backs"
version = "1.1"
"""
RECODED = """
[[recode]]
layer = "stance"
value = "oppose"
version = "1.1"
reason = "Delay is opposition now."
"""


@pytest.fixture
def newer(tram):
    """The corpus with codebook 1.1, in which `support` is called `backs`, and these tables."""

    def make(tables):
        path = tram / "codebook.toml"
        text = path.read_text("utf-8").replace('version = "1.0"', 'version = "1.1"')
        path.write_text(text.replace('name = "support"', 'name = "backs"') + tables, "utf-8")
        return tram

    return make


def files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_dry_run_says_what_a_run_does_and_changes_no_byte(script, newer):
    corpus = newer(RENAMED + RECODED)
    before = files(corpus)
    looked = script("migrate_codebook", "--corpus", corpus, "--offline", "--dry-run")
    assert (looked.code, files(corpus)) == (0, before)
    assert looked.out.splitlines()[:2] == [
        "stance support is backs now: 18 stored lines",
        "stance oppose, 18 answers to be given again (ann-a 9, ann-b 9): Delay is opposition now.",
    ]
    assert "W351 not looked at" in looked.said
    assert "Name a new batch" in looked.said

    done = script("migrate_codebook", "--corpus", corpus, "--offline", "--batch", "r1")
    assert done.code == 0
    assert done.out.splitlines()[:2] == looked.out.splitlines()[:2]
    assert f"{corpus}/batches/r1.jsonl: 10 sentences" in done.out
    assert script("check_corpus", "--corpus", corpus).code == 0
    after = files(corpus)
    again = script("migrate_codebook", "--corpus", corpus, "--offline", "--batch", "r1")
    assert (again.code, files(corpus)) == (0, after)


@pytest.mark.parametrize(
    ("tables", "batch", "words"),
    [
        ("", (), "E341 stance 'support' is in use, but not in codebook 1.1: 18 stored lines."),
        (RENAMED + RECODED, (), "E344 18 answers have to be given again: name a new batch"),
        (RENAMED + RECODED, ("--batch", "b001"), "b001.jsonl: exists, and a batch is frozen."),
        (RENAMED + RECODED, ("--batch", "No 1"), "batch name 'No 1' must be lower-case"),
    ],
)
def test_what_is_in_the_way_is_said_and_nothing_is_changed(script, newer, tables, batch, words):
    corpus = newer(tables)
    before = files(corpus)
    refused = script("migrate_codebook", "--corpus", corpus, "--offline", *batch)
    assert (refused.code, files(corpus)) == (1, before)
    assert words in refused.said


def test_without_a_server_the_way_without_one_is_named(script, tram, tmp_path):
    refused = script("migrate_codebook", "--corpus", tram, "--data", tmp_path)
    assert refused.code == 1
    assert "`make label-studio` starts one" in refused.said
    assert "--offline" in refused.said
