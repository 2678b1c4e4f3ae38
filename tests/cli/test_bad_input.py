"""Bad input: a clear message, exit code 1 or 2, nothing lost or half-written."""

import json
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted(path.stem for path in (ROOT / "scripts").glob("*.py"))
# What the other tests of this folder start as processes, and more than their --help.
STARTED = {"add_article", "build_dataset", "classify", "evaluate_model", "train_model"}


@pytest.mark.parametrize("name", SCRIPTS)
def test_help_has_an_example(script, name):
    end = script(name, "--help")
    assert (end.code, end.said) == (0, "")
    assert f"examples:\n  python scripts/{name}.py" in end.out


def test_every_script_starts_as_a_process(start, finish):
    """Here other tests have imported everything; a process has only what it imports itself."""
    running = {name: start(name, "--help") for name in SCRIPTS if name not in STARTED}
    for name, process in running.items():
        end = finish(process)
        assert (end.code, end.said) == (0, ""), name
        assert end.out.startswith(f"usage: {name}.py ")


@pytest.mark.parametrize(
    "command",
    [
        ("classify",),
        ("classify", "a.txt", "--format", "xml"),
        ("add_article", "a.txt", "--event-date", "2026-13-01"),
        ("make_batch", "b001", "--annotators", "ann-a", "--size", "0"),
        ("train_model", "--c", "0"),
        ("check_corpus", "--corpse", "seeds"),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_2(script, command):
    end = script(*command)
    assert (end.code, end.out) == (2, "")
    assert end.said.startswith("usage: ")


def test_texts_that_cannot_be_read_do_not_stop_the_others(classify, tmp_path):
    """Empty, binary, Latin-1, missing and broken files stand among good ones."""
    files = {
        "good.txt": b"The council welcomed the line.",
        "empty.txt": b"",
        "binary.txt": b"\x7fELF\x02\x01\x01\x00",
        "latin.txt": "Der Rat begrüßte es.".encode("latin-1"),
        "surrogate.jsonl": b'{"text": "half \\ud83d"}\n{"id": "whole", "text": "Fine."}\n',
        "quotes.csv": b'id,text\nfirst,Fine.\nsecond,"Open "quote" here"\n',
        "fields.jsonl": b'{"id": 1, "body": "Fine."}\n',
        "last.txt": b"Residents rejected it.",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    end = classify(*(tmp_path / name for name in files), tmp_path / "missing.txt")
    assert end.code == 1
    assert [json.loads(line)["id"] for line in end.out.splitlines()] == [
        "good.001", "whole.001", "first.001", "last.001",
    ]  # fmt: skip
    for words in (
        "empty.txt: is empty: there is nothing to classify.",
        "binary.txt: not text: a NUL byte at offset 7.",
        # Der Rat begr: twelve bytes before the ü.
        "latin.txt: not UTF-8: byte 0xfc at offset 12. If it is Latin-1: iconv -f latin1",
        "surrogate.jsonl:1: a lone surrogate (half a character) cannot be stored",
        "quotes.csv:3: not CSV: ",
        "fields.jsonl:1: no field 'text'; its fields: id, body. Name the one with the text: --text",
        "missing.txt: cannot be read: No such file or directory.",
        "7 problems; everything else was classified.",
    ):
        assert words in end.said


def test_a_line_of_five_megabytes_is_one_text(classify, tmp_path):
    path = tmp_path / "in.jsonl"
    records = [{"text": "x" * 5_000_000}, {"text": "Short."}]
    path.write_text("\n".join(map(json.dumps, records)))
    end = classify(path, "--unit", "sentence")
    assert end.code == 0
    assert [json.loads(line)["end"] for line in end.out.splitlines()] == [5_000_000, 6]


def test_add_article_refuses_what_it_cannot_store(script, tmp_path):
    corpus = tmp_path / "corpus"
    (tmp_path / "latin.txt").write_bytes("für".encode("latin-1"))
    (tmp_path / "empty.txt").write_bytes(b" \n")
    for name, words in [
        ("latin.txt", "not UTF-8: byte 0xfc at offset 1"),
        ("empty.txt", "article empty has no text"),
        ("missing.txt", "cannot be read: No such file"),
    ]:
        end = script("add_article", tmp_path / name, "--corpus", corpus)
        assert (end.code, end.out) == (1, "")
        assert words in end.said
    assert not corpus.exists()


def test_bytes_that_are_no_text_on_the_command_line(start, finish, tmp_path):
    """A Latin-1 title comes from the shell as half characters; the rest of it is kept."""
    path = tmp_path / "a.txt"
    path.write_text("A text.")
    title = "Waffenruhe für".encode("latin-1").decode("utf-8", "surrogateescape")
    end = finish(start("add_article", path, "--corpus", tmp_path / "c", "--title", title))
    assert end.code == 0
    assert 'title = "Waffenruhe fr"' in (tmp_path / "c/articles/a.toml").read_text("utf-8")


def test_a_broken_corpus_is_not_built(script, built, tram, tmp_path):
    annotations = tram / "annotations/b001.jsonl"
    annotations.write_text(annotations.read_text().replace('"support"', '"pro"', 1))
    (tram / "adjudications.jsonl").write_text("")
    dataset = shutil.copytree(built.dataset, tmp_path / "dataset")
    before = contents(dataset)
    built_again = script("build_dataset", "--corpus", tram, "--out", dataset)
    checked, measured = (
        script(name, "--corpus", tram) for name in ("check_corpus", "measure_agreement")
    )
    assert built_again.code == checked.code == 1
    assert (
        built_again.said
        == checked.out
        == (
            f"{annotations}: E304 council-vote.001 by ann-a: stance 'pro' is not in codebook 1.0 "
            "(support, oppose, none). Correct the label, or add the value to codebook.toml.\n"
        )
    )
    assert contents(dataset) == before
    # Figures on labels that the codebook does not know are refused, or say so.
    assert "pro" in measured.out + measured.said


def test_a_folder_with_other_things_is_never_replaced(script, built):
    """A wrong --out must not cost anybody a corpus."""
    before = contents(built.corpus)
    end = script("build_dataset", "--corpus", built.corpus, "--out", built.corpus)
    assert end.code == 1
    assert "holds something that this program did not write" in end.said
    assert contents(built.corpus) == before


def truncated(model):
    path = model / "weights.npy"
    path.write_bytes(path.read_bytes()[:-1000])


def edited(model):
    path = model / "bundle.json"
    path.write_text(path.read_text().replace('"temperature": 1.0', '"temperature": 2.0'))


def foreign(model):
    (model / "bundle.json").unlink()


def missing(model):
    shutil.rmtree(model)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (truncated, "weights.npy is truncated: it has "),
        (edited, "bundle.json was edited or damaged"),
        (foreign, "bundle.json is missing; the folder holds "),
        (missing, "there is no such model folder. Run `make train`"),
    ],
)
def test_a_damaged_bundle_is_refused_in_words(script, built, tmp_path, damage, words):
    model = shutil.copytree(built.model, tmp_path / "model")
    damage(model)
    end = script("classify", "-", "--model", model, stdin=b"A text.")
    assert (end.code, end.out) == (1, "")
    assert words in end.said


def test_one_flipped_bit_is_found_where_asked(script, built, tmp_path):
    model = shutil.copytree(built.model, tmp_path / "model")
    content = bytearray((model / "weights.npy").read_bytes())
    content[-10] ^= 1
    (model / "weights.npy").write_bytes(content)
    end = script("classify", "-", "--verify", "--model", model, stdin=b"A text.")
    assert (end.code, end.out) == (1, "")
    assert "weights.npy is damaged: its sha256 is" in end.said


def test_what_cannot_be_learned_from_is_refused(script, built, tram, tmp_path):
    """A truncated dataset, and one without anything in train."""
    truncated = shutil.copytree(built.dataset, tmp_path / "truncated")
    (parquet,) = (truncated / "data").glob("train-*")
    parquet.write_bytes(parquet.read_bytes()[:-100])
    (tram / "splits.csv").write_text((tram / "splits.csv").read_text().replace("train", "test"))
    all_test = tmp_path / "all-test"
    assert script("build_dataset", "--corpus", tram, "--out", all_test).code == 0
    ends = [
        script("train_model", "--dataset", dataset, "--out", tmp_path / "model")
        for dataset in (truncated, all_test)
    ]
    assert [end.code for end in ends] == [1, 1]
    assert "Build it again: make dataset" in ends[0].said
    assert "no sentence is in train; there is nothing to learn" in ends[1].said
    assert not (tmp_path / "model").exists()


def contents(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
