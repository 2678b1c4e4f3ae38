"""The test part is read once and every reading is logged; other people's labels are measured."""

import dataclasses
import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from corpus.dataset import build_rows, read_dataset, save_dataset
from corpus.folder import read_corpus
from model.bundle import load
from model.examples import Example
from model.prediction import predict

THREE = ("support", "oppose", "none")


@pytest.fixture
def evaluate(script, built, tram, tmp_path):
    """Evaluate the tram model; the log goes to the test's own copy of the corpus."""

    def make(*arguments, dataset=built.dataset, model=built.model, by=script):
        out = tmp_path / "evaluation/report.json"
        where = ("--corpus", tram, "--dataset", dataset, "--model", model, "--out", out)
        return by("evaluate_model", *where, *arguments)

    return make


@pytest.fixture
def log(tram):
    return tram / "EVALUATIONS.jsonl"


def saved(build, folder):
    folder.mkdir()
    save_dataset(build, folder)
    return folder


def test_a_reading_of_the_test_part_is_logged(evaluate, log, built, tmp_path):
    end = evaluate("--date", "2026-01-31")
    assert end.code == 0, end.said
    (line,) = log.read_text("utf-8").splitlines()
    record = json.loads(line)
    model = load(built.model)
    # splits.csv: five sentences in each of six articles, three of them for test, and court.002 in
    # train has no gold label.
    assert {key: record[key] for key in list(record)[:6]} == {
        "format": 1,
        "date": "2026-01-31",
        "codebook": "tram 1.0",
        "dataset": read_dataset(built.dataset).digest,
        "model": model.digest,
        "parts": {"train": 14, "test": 15},
    }
    assert record["held_out"] == {"first-rails": 5, "funding": 5, "shopkeepers": 5}
    assert (record["n_sentences"], record["n_scored"]) == (15, 15)
    report = json.loads((tmp_path / "evaluation/report.json").read_text("utf-8"))
    assert {key: report[key] for key in record} == record
    assert report.keys() - record.keys() == {"labelled_by", "cross_validation", "audit", "curve"}
    assert "Held out, never in training: first-rails (5), funding (5), shopkeepers (5)." in end.out
    assert "Commit it with the change" in end.said


def test_the_scores_are_those_of_the_saved_model(evaluate, log, built):
    end = evaluate()
    rows = read_dataset(built.dataset).parts["test"]
    answers = predict(load(built.model), [Example(row["text"]) for row in rows])
    pairs = Counter(
        (row["stance"], answer.stance) for row, answer in zip(rows, answers, strict=True)
    )
    record = json.loads(log.read_text("utf-8"))
    assert record["confusion"] == {a: {b: pairs[a, b] for b in THREE} for a in THREE}
    right = sum(pairs[value, value] for value in THREE) / 15
    # Training has 4 support, 5 oppose and 5 none: the majority is oppose, the earlier one, and so
    # are 4 of the 15.
    accuracy = record["scores"]["stance_accuracy"]
    assert accuracy["value"] == pytest.approx(right)
    assert accuracy["baselines"] == {"majority": pytest.approx(4 / 15)}
    assert f"stance accuracy                  {right:.3f}" in end.out
    # No value has 30 examples among 15.
    assert "no score: 4 examples, fewer than 30" in end.out
    assert record["scores"]["stance_macro_f1"]["value"] is None


def test_the_same_model_is_read_once(evaluate, log, tmp_path):
    first = evaluate("--date", "2026-01-31")
    report = tmp_path / "evaluation/report.json"
    logged, reported = log.read_bytes(), report.read_bytes()
    shutil.rmtree(report.parent)
    again = evaluate("--date", "2026-02-01")
    assert (again.code, again.out) == (0, first.out)
    assert "was evaluated on this dataset on 2026-01-31; nothing logged." in again.said
    assert (log.read_bytes(), report.read_bytes()) == (logged, reported)


def test_another_model_on_the_same_dataset_is_another_line(evaluate, script, log, built, tmp_path):
    other = tmp_path / "other"
    assert script("train_model", "--dataset", built.dataset, "--out", other, "--c", "9").code == 0
    assert [evaluate().code, evaluate(model=other).code, evaluate().code] == [0, 0, 0]
    records = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    assert [record["model"] for record in records] == [load(built.model).digest, load(other).digest]


def test_a_line_from_before_calibration_was_measured_is_printed(evaluate, log):
    first = evaluate()
    record = json.loads(log.read_text("utf-8"))
    assert record["abstention"]["abstain_below"] is None
    for name in ("calibration", "abstention", "topic_thresholds"):
        del record[name]
    log.write_text(json.dumps(record) + "\n")
    again = evaluate()
    assert again.code == 0, again.said
    new = ("  calibration ", "  abstention, ", "    risk-coverage area ")
    kept = [line for line in first.out.splitlines(True) if not line.startswith(new)]
    assert again.out == "".join(kept)
    assert first.out != again.out


def test_what_cannot_be_logged_is_not_shown(evaluate, start, finish, log):
    def full(name, *arguments):
        return finish(start(name, *arguments, largest_file=1000))

    end = evaluate(by=full)  # a line of the log is longer
    assert (end.code, end.out) == (1, "")
    assert not log.exists()


def test_without_a_test_part_it_refuses(evaluate, log, tram, tmp_path):
    build = build_rows(read_corpus(tram))
    parts = {"train": [*build.parts["train"], *build.parts["test"]]}
    end = evaluate(dataset=saved(dataclasses.replace(build, parts=parts), tmp_path / "data"))
    assert (end.code, end.out) == (1, "")
    assert "no sentence is in test, so nothing can be scored. Give articles a part" in end.said
    assert not log.exists()


def test_parts_that_share_anything_are_refused_with_every_pair(evaluate, log, tram, tmp_path):
    build = build_rows(read_corpus(tram))
    train, test = build.parts["train"], list(build.parts["test"])
    test[0] = {**test[0], "article_id": "court"}
    test[1] = {**test[1], "process": "referendum"}
    test[2] = {**test[2], "cluster": train[0]["cluster"]}
    leaky = dataclasses.replace(build, parts={"train": train, "test": test})
    end = evaluate(dataset=saved(leaky, tmp_path / "data"))
    assert (end.code, end.out) == (1, "")
    for shared in (
        'article "court" is in train and test.',
        'process "referendum" is in train and test.',
        f'near-duplicate cluster "{train[0]["cluster"]}" is in train and test.',
    ):
        assert shared in end.said
    assert "Move each to one part in splits.csv" in end.said
    assert not log.exists()


def test_a_model_of_another_dataset_is_refused(evaluate, script, log, tram, tmp_path):
    splits = tram / "splits.csv"
    splits.write_text(splits.read_text().replace("court,train", "court,test"))
    dataset = tmp_path / "data"
    assert script("build_dataset", "--corpus", tram, "--out", dataset).code == 0
    end = evaluate(dataset=dataset)
    assert (end.code, end.out) == (1, "")
    assert "Run `make train`, then `make evaluate`." in end.said
    assert not log.exists()


def test_the_log_of_another_corpus_is_left_alone(evaluate, tram):
    codebook = tram / "codebook.toml"
    codebook.write_text(codebook.read_text().replace('name = "tram"', 'name = "ferry"', 1))
    end = evaluate()
    assert end.code == 1
    assert 'has the codebook "ferry"' in end.said
    assert "--corpus PATH" in end.said


@pytest.mark.parametrize(
    ("line", "said"),
    [("{", "EVALUATIONS.jsonl:1: not JSON"), ('{"format": 9}', ":1: format is 9, expected 1.")],
)
def test_a_log_that_cannot_be_read_is_not_appended_to(evaluate, log, line, said):
    log.write_text(line + "\n")
    end = evaluate()
    assert (end.code, end.out) == (1, "")
    assert said in end.said
    assert log.read_text() == line + "\n"


def test_a_damaged_line_about_this_model_is_said(evaluate, log):
    evaluate()
    record = json.loads(log.read_text("utf-8"))
    del record["scores"]
    log.write_text(json.dumps(record) + "\n")
    end = evaluate()
    assert (end.code, end.out) == (1, "")
    assert "is damaged: 'scores'. Restore it from the repository." in end.said


def test_training_puts_annotators_beside_the_model(built):
    # Too few sentences for a figure; the two annotators of each sentence of train are pairs.
    report = json.loads((built.model / "report.json").read_text("utf-8"))
    assert report["n_annotator_pairs"] == 14
    assert "annotator against annotator: stance macro-F1 undefined" in built.said


ITEMS = [
    {"id": "x1", "body": "The mayor welcomed the tram line.", "label": "support", "doc": "a"},
    {"id": "x2", "body": "Residents rejected the tram line.", "label": "oppose", "doc": "a"},
    {"id": "x3", "body": "It rained on Monday.", "label": "none", "doc": "b"},
]


@pytest.fixture
def transfer(script, built, tmp_path):
    """Measure the tram model on items."""

    def make(items, *arguments, fields=("--text-field", "body", "--label-field", "label")):
        path = tmp_path / "elsewhere.jsonl"
        path.write_text("".join(json.dumps(item) + "\n" for item in items))
        where = ("--corpus", built.corpus, "--model", built.model, "--data", path)
        return script("measure_transfer", *where, *fields, *arguments)

    return make


def test_transfer_scores_every_value_that_occurs_three_way_first(transfer, built):
    end = transfer(ITEMS * 4, "--format", "json", "--errors", "99")
    assert end.code == 0, end.said
    report = json.loads(end.out)
    answers = predict(load(built.model), [Example(item["body"]) for item in ITEMS])
    pairs = [(item["label"], one.stance) for item, one in zip(ITEMS, answers, strict=True)]
    assert report["confusion"] == {a: {b: 4 * pairs.count((a, b)) for b in THREE} for a in THREE}
    assert next(iter(report["scores"])) == "three_way_macro_f1"
    accuracy = report["scores"]["stance_accuracy"]
    right = sum(gold == answer for gold, answer in pairs)
    assert accuracy["value"] == pytest.approx(right / 3)
    # The majority of training is oppose, a third of the items. 12 items are enough to resample.
    assert accuracy["baselines"] == {"majority": pytest.approx(1 / 3)}
    assert accuracy["low"] <= accuracy["value"] <= accuracy["high"]
    assert len(report["errors"]) == 12 - 4 * right
    scores = [error["score"] for error in report["errors"]]
    assert scores == sorted(scores, reverse=True)


def test_transfer_prints_scores_confusion_and_errors(transfer):
    end = transfer(ITEMS, "--errors", "1", "--group-field", "doc")
    lines = end.out.splitlines()
    assert lines[0] == "elsewhere.jsonl, never trained on: 3 of 3 sentences, 2 groups."
    assert lines[1].startswith("  three-way macro-F1 ")
    assert "  gold     support  oppose  none  (predicted)" in lines
    assert "no interval: 2 groups, expected at least 10" in end.out
    assert "No keyword baseline" in end.said  # the tram corpus has no cues
    assert "3 items of " in end.said


def test_labels_and_fields_that_do_not_fit_are_findings_with_their_lines(transfer):
    wrong = [{"body": "One.", "label": "pro"}, {"text": "Two."}, {"body": " ", "label": "none"}]
    end = transfer([*ITEMS, *wrong])
    assert (end.code, end.out) == (1, "")
    assert [line.partition("elsewhere.jsonl:")[2] for line in end.said.splitlines()] == [
        '4: E382 label "pro" is not in codebook tram 1.0 (support, oppose, none).',
        "5: E381 no text in body, label; its fields: text. Name the right one.",
        "6: E381 body is empty. Leave the line out, or repair it.",
    ]


def test_an_empty_file_is_refused(transfer):
    end = transfer([])
    assert end.code == 1
    assert "is empty: expected a labelled item a line." in end.said


def test_reports_of_one_event_in_two_parts_are_refused(evaluate, log, tram, tmp_path):
    build = build_rows(read_corpus(tram))
    train, test = list(build.parts["train"]), list(build.parts["test"])
    wires = Path(__file__).parents[1] / "data/wire/reports.jsonl"
    texts = {row["id"]: row["text"] for row in map(json.loads, wires.read_text().splitlines())}
    train[0] = {**train[0], "article_id": "told", "text": texts["vote-wire"]}
    test[0] = {**test[0], "article_id": "retold", "text": texts["vote-rewrite"]}
    leaky = dataclasses.replace(build, parts={"train": train, "test": test})
    end = evaluate(dataset=saved(leaky, tmp_path / "data"))
    assert (end.code, end.out) == (1, "")
    assert 'article "retold" in test tells the event of "told" in train.' in end.said
    assert not log.exists()


def test_a_page_stands_beside_the_report_also_for_an_old_line(evaluate, log, tmp_path):
    page = tmp_path / "evaluation/report.html"
    said = evaluate().said
    assert f"{page}: open it in a browser." in said
    first = page.read_text("utf-8")
    assert first.startswith("<!doctype html>")
    assert "How good is the classifier of tram 1.0?" in first
    record = json.loads(log.read_text("utf-8"))
    newer = ("calibration", "abstention", "topic_thresholds", "slices", "without", "split_gap")
    old = {key: value for key, value in record.items() if key not in (*newer, "test")}
    log.write_text(json.dumps(old) + "\n")
    assert evaluate().code == 0
    assert "By outlet" in first
    assert "By outlet" not in page.read_text("utf-8")


def test_slices_are_printed_when_asked_for(evaluate):
    assert "certainty" not in evaluate().out
    end = evaluate("--slices")
    assert "  certainty      n  stance accuracy " in end.out
    # 15 sentences, five in each of three processes.
    assert "no score, under 30 sentences: first-rails (5), funding (5), shopkeepers (5)" in end.out


def test_acts_to_leave_out_must_be_in_the_codebook(evaluate, log):
    end = evaluate("--without-acts", "shout")
    assert (end.code, end.out) == (1, "")
    assert "--without-acts shout: no act of the codebook" in end.said
    assert not log.exists()


def test_an_audit_of_another_dataset_is_not_shown(evaluate, tmp_path):
    audit = tmp_path / "audit.json"
    audit.write_text('{"dataset": "sha256:other", "is_audited": true}')
    assert evaluate("--audit", audit).code == 0
    report = json.loads((tmp_path / "evaluation/report.json").read_text("utf-8"))
    assert report["audit"] is None
    assert "nobody audited it" in (tmp_path / "evaluation/report.html").read_text("utf-8")
