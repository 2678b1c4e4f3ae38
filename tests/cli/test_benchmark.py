"""The benchmark as people run it: any file, one command, leaks beside the score."""

import json

import pytest

WORDS = {"pro": "welcomed", "contra": "rejected", "none": "visited"}
NAMES = ("Anders", "Brandt", "Castell", "Dovan", "Emmer", "Foss", "Grell", "Holm", "Iver", "Jansen")


def row(number, label=None, **more):
    """A sentence of a document, like no other one of its label."""
    label = label or list(WORDS)[number % 3]
    who = f"{NAMES[number % 10]} of ward {number} in {NAMES[number // 10 % 10]}"
    text = f"{who} {WORDS.get(label, label)} the line {number}."
    return {"text": text, "label": label, "doc": f"d{number}", **more}


@pytest.fixture
def file(tmp_path):
    def make(name, rows):
        path = tmp_path / f"{name}.jsonl"
        path.write_text("".join(json.dumps(one) + "\n" for one in rows))
        return path

    return make


@pytest.fixture
def train(file):
    return file("train", [row(number) for number in range(60)])


@pytest.fixture
def benchmark(script, tmp_path):
    """Run the script; return how it ended and its report."""

    def make(*arguments):
        out = tmp_path / "report.json"
        end = script("benchmark", "--out", out, *arguments)
        return end, json.loads(out.read_text()) if out.exists() else None

    return make


def test_one_command_prints_scores_beside_baselines_and_writes_them(benchmark, train, file):
    test = file("test", [row(number) for number in range(60, 150)])
    end, report = benchmark("--train", train, "--test", test)
    assert end.code == 0
    assert {
        "metric", "score", "interval", "per_class", "n", "baseline", "seconds", "settings",
    } <= report.keys()  # fmt: skip
    assert (report["metric"], report["score"], report["n"]) == ("macro-f1", 1.0, 90)
    # Twenty of each in training: the first by name has F1 = 2 * 30 / (30 + 90), the others 0.
    assert report["baseline"] == {"majority": pytest.approx(0.5 / 3)}
    assert report["per_class"]["contra"]["n"] == 30
    assert report["leaks"] == []
    assert "  90 items in 90 groups\n" in end.out
    assert "macro-F1  1.000  [1.000, 1.000], majority 0.167" in end.out
    assert "no leak: training and test share no group and no near-duplicate text" in end.out
    assert end.said.startswith("90 items scored in ")


def test_planted_leaks_are_listed_beside_the_score_or_fail_the_run(benchmark, train, file):
    rows = [row(number) for number in range(60, 80)]
    rows[3]["doc"] = "d5"
    rows[7]["text"] = row(8)["text"].upper()
    command = ("--train", train, "--test", file("test", rows), "--group-field", "doc")
    end, report = benchmark(*command)
    assert end.code == 0
    assert [(leak["kind"], leak["n_items"]) for leak in report["leaks"]] == [
        ("group", 1),
        ("same words", 1),
    ]
    assert "Leak: 1 of the 20 values of doc in test occur in training: 1 item." in end.out
    assert f"{train}:6 and " in end.out
    assert report["also"]["without leaks"]["n"] == 18
    assert benchmark(*command, "--fail-on-leak")[0].code == 1


def test_cross_validation_shows_what_a_split_by_rows_pretends(benchmark, file):
    # Each document repeats its own words, and its label is a matter of chance: rows of one
    # document tell each other's label, other documents tell nothing.
    rows = [
        {"text": f"{name} spoke {n} {word}", "label": "ab"[number // 3 % 2], "doc": name}
        for number, name in enumerate(f"{first}{second}" for first in NAMES for second in NAMES[:4])
        for n, word in enumerate(("today", "again", "briefly", "at length"))
    ]
    end, report = benchmark("--train", file("train", rows), "--cv", "--group-field", "doc")
    assert end.code == 0
    assert report["n_groups"] == 40
    by_rows, gap = (report["also"][name] for name in ("split by rows", "gap to the split by rows"))
    assert by_rows["score"] > 0.9
    assert gap["score"] == pytest.approx(by_rows["score"] - report["score"])
    assert gap["interval"][0] > 0
    assert "cross-validation in 5 folds of whole groups" in end.out


def test_published_predictions_are_scored_by_the_same_scorer(benchmark, file):
    labels = ["favor", "against", "none", "favor"]
    rows = [
        {**row(n, label), "id": f"i{n}", "target": "tram"} for n, label in enumerate(labels * 15)
    ]
    train, test = file("train", rows[:20]), file("test", rows[20:])
    answers = [{"id": one["id"], "label": "favor"} for one in reversed(rows[20:])]
    command = ("--train", train, "--test", test, "--metric", "semeval", "--target-field", "target")
    end, report = benchmark(*command, "--predictions", file("answers", answers))
    # Forty items, twenty favor: F1(favor) = 40 / 60, against 0.
    assert (end.code, report["score"]) == (0, pytest.approx(1 / 3))
    assert report["baseline"]["majority of each target"] == pytest.approx(1 / 3)
    end, _ = benchmark(*command, "--predictions", file("few", answers[1:]))
    assert end.code == 1
    assert "no label for 1 item of" in end.said
    end, _ = benchmark(*command, "--predictions", file("twice", [*answers, answers[0]]))
    assert end.code == 1
    assert "is there twice" in end.said
    alike = file("alike", [{**one, "id": "x"} for one in rows[20:]])
    end, _ = benchmark(*(*command[:3], alike, *command[4:]), "--predictions", file("a", answers))
    assert end.code == 1
    assert "1 id stand there more than once" in end.said


def test_a_split_by_time_learns_from_the_earlier_part(benchmark, file):
    rows = [row(number, on=f"2024-{1 + number % 12:02}-01T10:00") for number in range(120)]
    end, report = benchmark(
        "--train", file("train", rows), "--time-field", "on", "--cut", "2024-10-01"
    )
    assert (end.code, report["n"]) == (0, 30)
    assert "from 2024-10-01 on, trained on what is before (90 items)" in end.out


def test_per_target_models_and_integer_labels(benchmark, file):
    rows = [{**row(n), "label": n % 3, "target": "ab"[n % 2]} for n in range(60)]
    end, report = benchmark(
        "--train", file("train", rows), "--cv", "--target-field", "target", "--per-target"
    )
    assert (end.code, list(report["per_class"])) == (0, ["0", "1", "2"])


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([row(1)] * 9, "All 9 items belong to one group, so nothing can be held out"),
        ([row(n, doc="d") for n in range(9)], "All 9 items belong to one group"),
        ([row(n, "pro") for n in range(9)], 'All 9 items have the label "pro"'),
        ([row(n, f"label {n}") for n in range(101)], "101 items have 101 different labels"),
        ([row(1), {"text": "", "label": "pro", "doc": "d"}], "train.jsonl:2: E381 text is empty."),
        ([row(1), {"text": float("nan"), "label": "pro", "doc": "d"}], "2: E381 no text in text;"),
        ([], "train.jsonl: is empty: expected a labelled item a line."),
    ],
)
def test_what_cannot_be_scored_is_refused_in_words(benchmark, file, rows, words):
    end, report = benchmark("--train", file("train", rows), "--cv", "--group-field", "doc")
    assert (end.code, end.out, report) == (1, "", None)
    assert words in end.said


def test_a_label_with_one_example_is_scored_and_said(benchmark, train, file):
    test = file("test", [row(60, "pro"), *(row(n, "outraged") for n in range(61, 70))])
    end, report = benchmark("--train", train, "--test", test)
    assert (end.code, report["interval"] is None) == (0, False)
    assert report["per_class"]["pro"]["note"] == "no score: 1 example, fewer than 30"
    assert 'label "outraged": 9 of its items were answered by a model that never saw it' in end.out


def test_a_test_that_leaks_entirely_has_no_clean_score(benchmark, train):
    end, report = benchmark("--train", train, "--test", train)
    assert (end.code, report["leaks"][0]["n_items"]) == (0, 60)
    assert "every item leaks: there is no score without leaks" in end.out


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--cv", "--test", "t.jsonl"),
        ("--cv", "--per-target"),
        ("--cv", "--metric", "semeval"),
        ("--cv", "--features", "encoder"),
        ("--cv", "--folds", "1"),
        ("--cv", "--cut", "0.5"),
        ("--cv", "--predictions", "p.jsonl"),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_2(script, options):
    end = script("benchmark", "--train", "train.jsonl", *options)
    assert (end.code, end.out) == (2, "")
