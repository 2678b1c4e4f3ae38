"""A full disk, Ctrl-C, a closed pipe: the old output stays whole, and the user reads words."""

import json
import shutil
import signal
import time
from pathlib import Path

import pytest

LINE = json.dumps({"text": "The council welcomed the tram line to the harbour."}).encode() + b"\n"


def contents(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_full_disk_leaves_the_old_output(start, finish, built, tmp_path):
    """Building a dataset and writing a model, side by side."""
    out = {
        "build_dataset": shutil.copytree(built.dataset, tmp_path / "dataset"),
        "train_model": shutil.copytree(built.model, tmp_path / "model"),
    }
    before = contents(tmp_path)
    work = {
        "build_dataset": ("--corpus", built.corpus),
        "train_model": ("--dataset", built.dataset),
    }
    # The parquet files and the weights are longer.
    running = [start(name, *work[name], "--out", out[name], largest_file=4000) for name in work]
    for process in running:
        end = finish(process)
        assert end.code == 1, end
        assert "No file was left half-written" in end.said
    assert contents(tmp_path) == before
    assert {path.name for path in tmp_path.iterdir()} == {"dataset", "model"}


def test_ctrl_c_while_a_model_is_written_leaves_the_old_one(start, finish, built, tmp_path):
    out = shutil.copytree(built.model, tmp_path / "out")
    before = contents(out)
    process = start("train_model", "--dataset", built.dataset, "--out", out)
    # It writes aside, into .out.part: that folder is there only while it works.
    while not (tmp_path / ".out.part").exists():
        assert process.poll() is None
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    end = finish(process)
    assert end.code == 130
    assert end.said.endswith(
        "Stopped. Nothing was left half-written; run the same command again to go on.\n"
    )
    assert contents(out) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_ctrl_c_while_classifying_ends_after_whole_rows(start, finish, built):
    process = start("classify", "-", "--input", "jsonl", "--model", built.model, bufsize=0)
    # It waits for more records when the first rows have come.
    process.stdin.write(LINE * 200)
    process.stdin.flush()
    first = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    end = finish(process)
    assert end.code == 130
    assert "Stopped." in end.said
    lines = [first.decode(), *end.out.splitlines()]
    assert all(json.loads(line)["article_id"].startswith("stdin-") for line in lines)


def test_a_reader_that_leaves_is_no_error(start, built, finish):
    """``classify ... | head -1`` says nothing."""
    process = start("classify", "-", "--input", "jsonl", "--model", built.model, bufsize=0)
    # More than a pipe and its buffers hold (64 KiB each); the rows are longer than the records.
    process.stdin.write(LINE * 500)
    process.stdin.flush()
    first = process.stdout.readline()
    process.stdout.close()
    process.stdin.write(LINE * 500)
    process.stdin.close()
    process.stdin = process.stdout = None
    end = finish(process)
    assert json.loads(first)["id"] == "stdin-1.001"
    assert (end.code, end.said) == (0, "")


@pytest.mark.parametrize(("n_records", "unbuffered"), [(1, ""), (500, ""), (1, "1")])
def test_a_full_disk_under_the_output_is_said(start, finish, built, n_records, unbuffered):
    """One record fails in the last flush, 500 in the middle of writing."""
    with Path("/dev/full").open("wb") as full:
        process = start(
            "classify", "-", "--input", "jsonl", "--model", built.model,
            stdout=full, environment={"PYTHONUNBUFFERED": unbuffered},
        )  # fmt: skip
        end = finish(process, LINE * n_records)
    assert end.code == 1
    assert end.said.endswith(
        "No space left on device. No file was left half-written; "
        "what was printed may be incomplete.\n"
    )
