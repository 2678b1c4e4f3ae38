"""Floors are set from the committed log, and never fall by themselves."""

import json

import pytest


@pytest.fixture
def set_floors(script, tmp_path):
    """Set floors from readings with these three-way scores, each 0.1 wide."""

    def make(*values, arguments=()):
        readings = [
            {
                "format": 1, "date": "2026-01-31", "dataset": "sha256:a", "model": "m",
                "test": "sha256:t", "n_sentences": 40, "n_articles": 10, "n_groups": 2,
                "why_not": "", "method": "", "n_scored": 40, "stance": {}, "topics": {},
                "confusion": {}, "notes": [], "n_resamples": 1000, "seed": 0, "unit": "article",
                "held_out": {}, "fewest_examples": 30, "annotators": {}, "n_annotator_pairs": 0,
                "scores": {
                    "three_way_macro_f1": {
                        "value": value, "baselines": {}, "low": value - 0.05, "high": value + 0.05
                    }
                },
            }
            for value in values
        ]  # fmt: skip
        lines = "".join(json.dumps(reading) + "\n" for reading in readings)
        (tmp_path / "EVALUATIONS.jsonl").write_text(lines)
        where = ("--corpus", tmp_path, "--floors", tmp_path / "floors.json")
        return script("set_floors", *where, *arguments)

    return make


def test_floors_rise_to_the_last_reading_and_fall_on_demand(set_floors, tmp_path):
    def floors():
        return json.loads((tmp_path / "floors.json").read_text())

    assert set_floors(0.5).code == 0
    assert floors() == {
        "format": 1, "digest": "sha256:t", "model": "m", "floors": {"three_way_macro_f1": 0.45}
    }  # fmt: skip
    assert set_floors(0.5, 0.75).out == f"{'three-way macro-F1':<32} 0.7000\n"
    refused = set_floors(0.75, 0.5)
    assert (refused.code, refused.out) == (1, "")
    assert "three-way macro-F1 is 0.500, its floor is 0.7000." in refused.said
    assert floors()["floors"] == {"three_way_macro_f1": 0.7}
    assert set_floors(0.75, 0.5, arguments=["--lower"]).code == 0
    assert floors()["floors"] == {"three_way_macro_f1": 0.45}


def test_without_a_reading_there_are_no_floors(set_floors, tmp_path):
    end = set_floors()
    assert end.code == 1
    assert "the test part was never read. Run `make evaluate` first." in end.said


def test_a_damaged_reading_or_floor_file_is_said(script, set_floors, tmp_path):
    set_floors(0.5)
    (tmp_path / "floors.json").write_text("{}")
    assert "These are no floors of format 1." in set_floors(0.5).said
    (tmp_path / "EVALUATIONS.jsonl").write_text('{"format": 1, "dataset": "a", "model": "m"}\n')
    end = script("set_floors", "--corpus", tmp_path, "--floors", tmp_path / "other.json")
    assert end.code == 1
    assert "the last line is damaged: 'n_sentences'. Restore it" in end.said
