"""The realism table, as its script prints it."""

import json

import pytest


@pytest.fixture
def real(tmp_path):
    path = tmp_path / "real.jsonl"
    rows = [
        {"text": f"The council rejected line {n}, which no one had funded.", "stance": "against"}
        for n in range(6)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in [*rows, rows[0]]))
    return path


def test_families_stand_beside_the_real_sentences(script, tram, real):
    done = script("measure_realism", "--corpus", tram, "--data", real, "--cues", "rejected")
    assert done.code == 0
    header, first, *_, cue_written, cue_real = done.out.splitlines()
    assert header.split()[:2] == ["sentences", "words"]
    # Ten words each, "which" joins two clauses; the seventh line repeats the first sentence.
    assert first.split() == ["real", "6", "10/10/10", "2.00", "-"]
    assert cue_written.split()[:2] == ["rejected", "written"]
    assert cue_real.split() == ["rejected", "real", "n=6", "against", "100", "%"]
    assert "beside 6 real ones." in done.said


def test_too_few_written_reports_are_refused_in_words(script, tram, real):
    for path in (tram / "articles").glob("*.toml"):
        path.write_text(path.read_text().replace("synthetic = true", "synthetic = false"))
    done = script("measure_realism", "--corpus", tram, "--data", real)
    assert done.code == 1
    assert "0 written reports; comparing takes 5 or more." in done.said


def test_a_wrong_field_name_is_named_with_those_there_are(script, tram, real):
    done = script("measure_realism", "--corpus", tram, "--data", real, "--text-field", "body")
    assert done.code == 1
    assert f"{real}:1: E381 no text in body; its fields: text, stance." in done.said
