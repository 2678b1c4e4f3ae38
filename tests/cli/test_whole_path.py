"""From a corpus folder to classified reports, by the scripts alone."""

import csv
import io
import json
import os
import tomllib

import pytest

# DESIGN.md, "Formats", row prediction, with the format number first.
ROW = [
    *("format", "id", "article_id", "start", "end", "text", "title", "outlet", "date", "stance"),
    *("abstained", "stance_score", "stance_scores", "topics", "topic_scores", "holders", "model"),
]
REPORT = "The council welcomed the tram line. Residents rejected it!\n\nIt rained.\n"
SENTENCES = ["The council welcomed the tram line.", "Residents rejected it!", "It rained."]


def rows_of(end):
    assert end.code == 0, end.said
    return [json.loads(line) for line in end.out.splitlines()]


def test_a_sound_corpus_passes_the_check(script, tram):
    end = script("check_corpus", "--corpus", tram)
    # Six articles of five sentences, each annotated twice.
    assert (end.code, end.out) == (0, "")
    assert end.said == (
        f"{tram}: 6 articles, 30 sentences, 1 batch, 60 annotations: 0 errors, 0 warnings.\n"
    )


def test_agreement_is_measured_and_disputes_are_named(script, tram):
    end = script("measure_agreement", "--corpus", tram)
    assert end.code == 0
    # They differ on court.002 and on referendum.004, which was adjudicated: 28 of 30 agree.
    # 60 answers: 18 support, 18 oppose, 24 none (grep -c), so alpha is
    # 1 - 59 * 2 * 2 / (60^2 - 18^2 - 18^2 - 24^2) = 1 - 236 / 2376 = 0.90.
    stance = next(line for line in end.out.splitlines() if line.startswith("stance "))
    assert {"30", "93%", "0.90"} <= set(stance.split())
    assert "disputed court.002 stance: ann-a: none, ann-b: oppose\n" in end.out


def test_the_path_says_what_it_did(built):
    agreement = f"make agreement CORPUS={built.corpus}"
    assert f"1 layer without gold, disputed; {agreement} lists them.\n" in built.said
    assert "29 sentences (train 14, test 15)" in built.said
    assert "trained on 14 sentences, model " in built.said


def test_the_same_input_gives_the_same_bytes_in_another_process(
    classify, built, start, finish, tmp_path
):
    """Three processes, side by side, whose strings hash differently from those of this one."""
    seed = {"PYTHONHASHSEED": "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"}
    article = built.corpus / "articles/court.txt"
    dataset, model = tmp_path / "dataset", tmp_path / "model"
    running = [
        start(*command, environment=seed)
        for command in (
            ("build_dataset", "--corpus", built.corpus, "--out", dataset),
            ("train_model", "--dataset", built.dataset, "--out", model),
            ("classify", "--model", built.model, article),
        )
    ]
    ends = list(map(finish, running))
    assert [end.code for end in ends] == [0, 0, 0], ends
    first, second = (
        {
            str(path.relative_to(folder)): path.read_bytes()
            for name in ("dataset", "model")
            for path in sorted((folder / name).rglob("*"))
            if path.is_file()
        }
        for folder in (built.model.parent, tmp_path)
    )
    assert {"dataset/manifest.json", "model/bundle.json", "model/weights.npy"} < set(first)
    assert [name for name in first if first[name] != second.get(name)] == []
    assert first.keys() == second.keys()
    assert ends[2] == classify(article)
    said = "".join(end.out + end.said for end in ends[:2])
    for mine, theirs in ((built.dataset, dataset), (built.model, model)):
        said = said.replace(str(theirs), str(mine))
    assert said == built.said


def test_a_report_becomes_a_row_a_sentence_in_the_promised_format(classify, built, tmp_path):
    path = tmp_path / "My report.txt"
    path.write_text(REPORT)
    rows = rows_of(classify(path))
    assert [list(row) for row in rows] == [ROW] * 3
    assert [row["text"] for row in rows] == SENTENCES
    text = REPORT.strip()
    assert [text[row["start"] : row["end"]] for row in rows] == SENTENCES
    assert [row["id"] for row in rows] == [f"my-report.00{number}" for number in (1, 2, 3)]
    digest = json.loads((built.model / "bundle.json").read_text())["digest"]
    for row in rows:
        assert list(row["stance_scores"]) == ["support", "oppose", "none"]
        assert row["stance_score"] == max(row["stance_scores"].values())
        assert row["stance_scores"][row["stance"]] == row["stance_score"]
        assert (row["topics"], row["topic_scores"], row["holders"]) == ([], {}, [])
        assert (row["article_id"], row["model"]) == ("my-report", digest)


def test_every_way_in_gives_the_same_predictions(classify, tmp_path):
    """Text and stdin, JSON Lines and CSV: the same report is the same rows."""
    (tmp_path / "report.txt").write_text(REPORT)
    record = {"nr": "report", "body": REPORT}
    (tmp_path / "in.jsonl").write_text(json.dumps(record) + "\n")
    with (tmp_path / "in.csv").open("w", newline="") as file:
        csv.writer(file).writerows([record, record.values()])
    fields = ("--text-field", "body", "--id-field", "nr")
    rows = rows_of(classify(tmp_path / "report.txt"))
    assert rows_of(classify(tmp_path / "in.jsonl", *fields)) == rows
    assert rows_of(classify(tmp_path / "in.csv", *fields)) == rows
    from_stdin = rows_of(classify("-", stdin=REPORT.encode()))
    assert [row["id"] for row in from_stdin] == ["stdin.001", "stdin.002", "stdin.003"]
    assert [row["stance_scores"] for row in from_stdin] == [row["stance_scores"] for row in rows]


def test_with_unit_sentence_each_record_is_one_and_keeps_its_id(classify):
    records = [{"id": "A/1", "text": "One. Two.", "outlet": "O"}, {"id": 2, "text": "Three."}]
    lines = "\n".join(map(json.dumps, records)).encode()
    rows = rows_of(classify("-", "--input", "jsonl", "--unit", "sentence", stdin=lines))
    assert [(row["id"], row["article_id"], row["text"], row["outlet"]) for row in rows] == [
        ("A/1", "A/1", "One. Two.", "O"),
        ("2", "2", "Three.", ""),
    ]


def test_with_unit_article_counts_and_shares_have_denominators(classify, tmp_path):
    path = tmp_path / "report.txt"
    path.write_text(REPORT)
    sentences = rows_of(classify(path))
    (row,) = rows_of(classify(path, "--unit", "article"))
    assert "stance" not in row
    assert (row["id"], row["n_sentences"], row["n_decided"], row["n_abstained"]) == (
        "report", 3, 3, 0,
    )  # fmt: skip
    found = [sentence["stance"] for sentence in sentences]
    assert row["stance_counts"] == {
        name: found.count(name) for name in ("support", "oppose", "none")
    }
    assert sum(row["stance_shares"].values()) == pytest.approx(1, abs=1e-5)


def test_below_the_threshold_there_is_no_stance_and_it_is_said(classify, tmp_path):
    path = tmp_path / "report.txt"
    path.write_text(REPORT)
    plain = rows_of(classify(path))
    threshold = sum(sorted(row["stance_score"] for row in plain)[:2]) / 2
    end = classify(path, "--abstain-below", threshold)
    for row, same in zip(rows_of(end), plain, strict=True):
        abstained = row["stance_score"] < threshold
        assert row == {
            **same,
            "abstained": abstained,
            "stance": None if abstained else same["stance"],
        }
    assert sum(row["abstained"] for row in rows_of(end)) == 1
    assert "Abstained on 1 sentence: no stance had a probability of " in end.said
    assert "--never-abstain answers every sentence." in end.said
    (article,) = rows_of(classify(path, "--abstain-below", threshold, "--unit", "article"))
    assert (article["n_decided"], article["n_abstained"]) == (2, 1)
    never = classify(path, "--never-abstain")
    assert rows_of(never) == plain
    assert "Abstained" not in never.said


def test_two_thresholds_are_wrong_usage(classify, tmp_path):
    path = tmp_path / "report.txt"
    path.write_text(REPORT)
    assert classify(path, "--never-abstain", "--abstain-below", "0.5").code == 2
    assert classify(path, "--abstain-below", "1.5").code == 2


def test_formats(classify, tmp_path):
    path = tmp_path / "report.txt"
    path.write_text(REPORT)
    rows = rows_of(classify(path, "--format", "jsonl"))

    table = csv.DictReader(io.StringIO(classify(path, "--format", "csv").out))
    for row, line in zip(rows, table, strict=True):
        assert line["text"] == row["text"]
        assert float(line["stance_score_oppose"]) == row["stance_scores"]["oppose"]

    shown = classify(path, "--format", "table").out
    assert all(sentence in shown for sentence in SENTENCES)
    assert "\033[" not in shown  # colours only on a terminal
    assert (
        "3 sentences, 0 abstained" in classify(path, "--format", "table", "--unit", "article").out
    )


def test_lines_are_sentences_where_asked(classify):
    end = classify("-", "--lines", stdin=b"One. Two.\n\nThree")
    assert [row["text"] for row in rows_of(end)] == ["One. Two.", "Three"]


def test_output_is_utf8_whatever_the_terminal_says(start, finish, built):
    text = "“Waffenruhe” 停戦 😀."
    latin = {"PYTHONIOENCODING": "latin-1"}
    process = start("classify", "-", "--model", built.model, environment=latin)
    assert [row["text"] for row in rows_of(finish(process, text.encode()))] == [text]


def test_a_new_corpus_grows_to_its_first_batch(script, tmp_path):
    corpus = tmp_path / "strikes"
    end = script("new_corpus", corpus)
    assert end.code == 0
    assert f"Made {corpus}. Edit its codebook.toml" in end.said

    report = tmp_path / "Day_1.txt"
    report.write_bytes("\ufeffTalks re\u0301sume. They hold.\r\n".encode())
    add = ("add_article", report, "--corpus", corpus, "--title", 'A "day"', "--process", "lake")
    assert script(*add, "--event-date", "2026-01-02").code == 0
    assert (corpus / "articles/day-1.txt").read_text("utf-8") == "Talks résume. They hold.\n"
    metadata = tomllib.loads((corpus / "articles/day-1.toml").read_text("utf-8"))
    assert (metadata["title"], str(metadata["event_date"])) == ('A "day"', "2026-01-02")
    again = script(*add)
    assert again.code == 1
    assert "E136 this article id exists. Choose another." in again.said
    stdin = script(
        "add_article", "-", "--id", "b", "--corpus", corpus, "--lines", stdin=b"One\nTwo"
    )
    assert stdin.code == 0

    end = script("split_sentences", "--corpus", corpus)
    assert (end.code, end.out) == (0, "b: 2 sentences\nday-1: 2 sentences\n")
    before = (corpus / "sentences/b.jsonl").read_bytes()
    assert script("split_sentences", "--corpus", corpus).out == ""
    assert (corpus / "sentences/b.jsonl").read_bytes() == before

    batch = ("make_batch", "b001", "--corpus", corpus, "--annotators", "ann-a", "ann-b")
    assert script(*batch, "--size", 3).code == 0
    lines = (corpus / "batches/b001.jsonl").read_text().splitlines()
    assert [json.loads(line)["sentence_id"] for line in lines] == ["b.001", "b.002", "day-1.001"]
    frozen = script(*batch)
    assert frozen.code == 1
    assert "a batch is frozen. Choose another NAME." in frozen.said

    # A warning is not an error: the articles have no part yet, and then they have one.
    end = script("check_corpus", "--corpus", corpus)
    assert end.code == 0
    assert "W502 no part for 2 articles (b, day-1)" in end.out
    assert script("assign_splits", "--corpus", corpus).code == 0
    # Two groups are too few to hold one out.
    assert (corpus / "splits.csv").read_text() == "article_id,part\nb,train\nday-1,train\n"
