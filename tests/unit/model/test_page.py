"""The page says what the report holds, and says aloud what it does not hold."""

import re

import pytest

from model.page import at, chance_words, page, pointer
from model.plots import Frame, learning_curve, strip
from model.report import Evaluation
from model.scores import Score
from tests.evaluation_report import full_report


def words(html):
    """The text of a page, white space joined."""
    apart = html.replace("<dd>", " ")
    return " ".join(re.sub(r"<style>.*?</style>|<[^>]*>", "", apart, flags=re.S).split())


@pytest.fixture(scope="module")
def report():
    return full_report()


def test_the_first_lines_answer_what_a_reviewer_asks(report):
    said = words(page(report))
    assert "Did test text leak into training? No: the parts share no article" in said
    assert "0.640 instead of 0.600: +0.040 [+0.030, +0.050] that would not hold" in said
    assert "changes three-way macro-F1 by -0.010 [-0.020, +0.005]; 7 of the 100" in said
    assert "95 % intervals over 200 resamplings of the 24 whole articles" in said
    assert "1.00 was chosen on groups held out from training" in said


def test_the_same_report_gives_the_same_page_without_a_script_or_an_address(report):
    html = page(report)
    assert page(report) == html
    assert "<script" not in html
    assert not re.search(r"(src|href)=\"(?!data:)|url\(|@import|http", html)


def test_markup_of_texts_is_escaped(report):
    html = page(report)
    assert "<b>" not in html
    assert "&lt;b&gt;Wire&lt;/b&gt; &amp; Sons" in html


def test_what_nobody_measured_is_said_in_words(report):
    undefined = {"value": None, "baselines": {}, "low": None, "high": None,
                 "note": "undefined: every label has too few examples", "left_out": {}}  # fmt: skip
    bare = {
        **report,
        "scores": dict.fromkeys(report["scores"], undefined),
        **dict.fromkeys(("cross_validation", "audit", "curve", "calibration", "abstention")),
        "slices": {},
        "without": {},
        "annotators": {},
    }
    said = words(page(bare))
    assert "Three-way macro-F1 is undefined: every label has too few examples." in said
    assert "Not known: nobody audited it on this dataset." in said
    assert "Where is it calibrated? Not measured." in said
    assert "None" not in said
    assert "nan" not in said.split()


def test_baselines_are_held_against_the_interval():
    def score(keywords, low=0.5):
        return Score(0.6, {"majority": 0.3, "keywords": keywords}, low, low and 0.7)

    assert chance_words(score(0.49)) == "Both lie below its interval."
    assert chance_words(score(0.5)) == "Its interval reaches keywords: it need not be better."
    assert chance_words(score(0.1, low=None)).startswith("It has no interval")


def test_a_pointer_finds_what_it_was_made_of():
    keys = ("slices", "a/b~c", "~1")
    assert at({"slices": {"a/b~c": {"~1": 5}}}, pointer(*keys)) == 5


def test_marks_stand_where_the_figures_say():
    # x: 58 + 0.25 * 340; y: 10 + (1 - 0.1 / 0.4) * 244.
    assert Frame(y=(0.0, 0.4)).at((0.25, 0.1)) == (143.0, 193.0)
    drawn = strip(Score(0.5, {"majority": 0.25, "other": 0.9}, 0.4, 0.625))
    assert 'cx="50.00%"' in drawn
    assert 'x1="40.00%" x2="62.50%"' in drawn
    assert '<svg x="25.00%"' in drawn
    assert "90.00%" not in drawn  # a baseline that has no mark
    assert "circle" not in strip(Score(None, {}, None, None, "undefined"))


def test_a_learning_curve_without_a_forecast_ends_where_it_was_measured(report):
    forecast = report["curve"]["forecasts"]["three_way_macro_f1"]
    assert ">480</text>" in learning_curve(forecast, "F1")
    alone = learning_curve({**forecast, "doubled": None}, "F1")
    assert ">240</text>" in alone
    assert "forecast" not in alone


def test_the_report_is_an_evaluation(report):
    assert Evaluation.from_dict(report).to_dict().items() <= report.items()
