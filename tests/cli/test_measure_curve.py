"""The learning curve as people ask for it, and what it refuses."""

import dataclasses
import json

import pytest

from corpus.dataset import build_rows, save_dataset
from corpus.folder import read_corpus


@pytest.fixture
def twenty(tram, tmp_path):
    """The train rows of the tram corpus in twenty processes; votes took so many seconds."""

    def make(seconds):
        build = build_rows(read_corpus(tram))
        rows = [
            {
                **row,
                **{key: f"{row[key]}-{n}" for key in ("id", "article_id", "cluster")},
                "process": f"process-{n}",
                "text": f"{row['text']} {own_words(n, row['id'])}",
                "votes": [{**vote, "seconds": seconds} for vote in row["votes"]],
            }
            for n in range(20)
            for row in build.parts["train"][: 5 + n % 3]
        ]
        folder = tmp_path / "twenty"
        folder.mkdir()
        save_dataset(dataclasses.replace(build, parts={"train": rows}), folder)
        return folder

    return make


def own_words(process, sentence):
    """Ten words that no other process has: else all twenty would tell one event."""
    name = "".join(filter(str.isalnum, sentence))
    return " ".join(f"word{number}of{name}in{process}" for number in range(10))


def curve(script, dataset, out, *arguments):
    where = ("--dataset", dataset, "--out", out, "--orders", 1, "--jobs", 1)
    return script("measure_curve", *where, *arguments)


def test_a_curve_is_printed_with_its_backtests_and_kept_as_json(script, twenty, tmp_path):
    out = tmp_path / "curve/report.json"
    end = curve(script, twenty(40.0), out)
    assert end.code == 0, end.said
    # Seven groups of five sentences, seven of six, six of seven.
    assert end.out.startswith("119 sentences in 20 groups, each scored by models of other groups;")
    for name in ("three-way macro-F1", "stance or not, macro-F1"):
        assert f"\n{name}" in end.out
    assert "  Backtest: up to " in end.out
    report = json.loads(out.read_text("utf-8"))
    assert (report["seconds"], report["n_groups"]) == (40.0, 20)
    assert len(report["forecasts"]["stance_macro_f1"]["points"]) == 7
    assert "No hours" not in end.said


@pytest.mark.parametrize(
    ("seconds", "why"),
    [
        (None, "No hours: the annotations record no duration."),
        (0.5, "have a median of 0.5 seconds, in which nobody reads."),
    ],
)
def test_without_believable_durations_there_are_no_hours(script, twenty, tmp_path, seconds, why):
    out = tmp_path / "report.json"
    end = curve(script, twenty(seconds), out)
    assert end.code == 0
    assert why in end.said
    assert "hour" not in end.out
    assert json.loads(out.read_text("utf-8"))["seconds"] is None


def test_too_few_groups_are_refused_in_words(script, built, tmp_path):
    out = tmp_path / "report.json"
    end = curve(script, built.dataset, out, "--seconds-per-sentence", 30)
    assert (end.code, end.out) == (1, "")
    assert "A learning curve needs at least 20 groups" in end.said
    assert not out.exists()
