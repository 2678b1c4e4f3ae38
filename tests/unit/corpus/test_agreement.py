"""Agreement beyond chance, against Krippendorff's own worked examples."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.agreement import (
    alpha,
    class_f1,
    confusions,
    estimated_alpha,
    macro_f1,
    masi,
    percent_agreement,
)

# Krippendorff 2011, Computing Krippendorff's Alpha-Reliability (University of Pennsylvania,
# ScholarlyCommons, asc_papers/43): the reliability data of its sections A, B and C, one string an
# observer, one character a unit, "." where the observer did not judge.
TWO_OBSERVERS_BINARY = ("0100000010", "1110010000")  # section A: alpha 0.095
TWO_OBSERVERS_NOMINAL = ("aabbdcccedda", "babbbccceddd")  # section B: alpha 0.692
FOUR_OBSERVERS_WITH_GAPS = (  # section C: nominal alpha 0.743
    "12332141" "2...",
    "12332241" "25.3",
    ".3332342" "251.",
    "12332441" "251.",
)  # fmt: skip


def ratings_of(observers):
    return {
        str(unit): [label for label in labels if label != "."]
        for unit, labels in enumerate(zip(*observers, strict=True))
    }


@pytest.mark.parametrize(
    ("observers", "published", "exact"),
    [
        # 4 of 10 units differ; 14 zeros, 6 ones among 20 values: 1 - 19 * 4 / (14 * 6).
        (TWO_OBSERVERS_BINARY, 0.095, 1 - 19 * 4 / (14 * 6)),
        # 3 of 12 units differ; 4 a, 6 b, 6 c, 6 d, 2 e among 24 values, so
        # 1 - 23 * 2 * 3 / (24^2 - 4^2 - 6^2 - 6^2 - 6^2 - 2^2).
        (TWO_OBSERVERS_NOMINAL, 0.692, 1 - 23 * 6 / 448),
        # 40 pairable values, 9 + 13 + 10 + 5 + 3 of each; coincidences on the diagonal are
        # 7 + 10 + 8 + 4 + 3 = 32: ((40 - 1) 32 - 344) / (40 (40 - 1) - 344), where 344 is
        # 9 * 8 + 13 * 12 + 10 * 9 + 5 * 4 + 3 * 2.
        (FOUR_OBSERVERS_WITH_GAPS, 0.743, 904 / 1216),
    ],
    ids=["binary", "nominal", "missing data"],
)
def test_alpha_equals_krippendorffs_published_examples(observers, published, exact):
    found = alpha(ratings_of(observers))
    assert round(found, 3) == published
    assert found == pytest.approx(exact)


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=4), max_size=8))
def test_alpha_ignores_order_and_single_ratings_and_never_exceeds_one(units):
    ratings = {str(number): labels for number, labels in enumerate(units)}
    found = alpha(ratings)
    again = alpha({**{name: sorted(labels) for name, labels in ratings.items()}, "more": ["a"]})
    assert math.isnan(found) == math.isnan(again)
    assert math.isnan(found) or found == pytest.approx(again)
    assert math.isnan(found) or found <= 1


def test_alpha_of_systematic_disagreement_is_negative():
    # Two units, each a against b: n = 4, 2 a, 2 b; 1 - 3 * (2 * 2) / (16 - 8) = -0.5.
    assert alpha({"s1": ["a", "b"], "s2": ["b", "a"]}) == -0.5


@pytest.mark.parametrize("ratings", [{}, {"s1": ["a"]}, {"s1": ["a", "a"], "s2": ["a", "a"]}])
def test_alpha_is_undefined_without_anything_that_could_differ(ratings):
    assert math.isnan(alpha(ratings))


def test_percent_agreement_counts_pairs():
    # s1: 3 pairs, 1 equal; s2: 1 pair, equal; s3: none.
    ratings = {"s1": ["a", "a", "b"], "s2": ["b", "b"], "s3": ["a"]}
    assert percent_agreement(ratings) == 2 / 4
    assert math.isnan(percent_agreement({"s3": ["a"]}))


@pytest.mark.parametrize(
    ("left", "right", "distance"),
    [
        # Passonneau 2006: 1 - Jaccard * monotonicity, which is 1, 2/3, 1/3 or 0.
        ("ab", "ab", 0),
        ("", "", 0),
        ("a", "ab", 1 - 1 / 2 * 2 / 3),
        ("ab", "abc", 1 - 2 / 3 * 2 / 3),
        ("ab", "bc", 1 - 1 / 3 * 1 / 3),
        ("a", "b", 1),
        ("", "a", 1),
    ],
)
def test_masi_counts_what_sets_share(left, right, distance):
    assert masi(frozenset(left), frozenset(right)) == pytest.approx(distance)
    assert masi(frozenset(right), frozenset(left)) == pytest.approx(distance)


def test_alpha_of_sets_equals_the_one_worked_by_hand():
    # Observed, ordered pairs: 2 * 2/3 + 0 + 2 * 1 = 10/3. Given: {a} 3 times, {ab}, {}, {b} once,
    # n = 6. Expected: {a}-{ab} 3 * 2/3, {a}-{} 3, {a}-{b} 3, {ab}-{} 1, {ab}-{b} 2/3, {}-{b} 1:
    # twice 32/3 = 64/3. So 1 - (6 - 1) * (10/3) / (64/3) = 14/64.
    ratings = {"s1": ["a", "ab"], "s2": ["a", "a"], "s3": ["", "b"]}
    sets = {name: [frozenset(given) for given in both] for name, both in ratings.items()}
    assert alpha(sets, masi) == pytest.approx(14 / 64)


def test_any_distance_may_be_given():
    # Krippendorff 2011, section D: the data of section C with the interval metric, alpha 0.849.
    data = ratings_of(FOUR_OBSERVERS_WITH_GAPS)
    assert round(alpha(data, lambda a, b: float((int(a) - int(b)) ** 2)), 3) == 0.849


def test_annotator_against_annotator_f1_is_the_same_either_way_round():
    pairs = [("x", "x"), ("x", "x"), ("x", "y"), ("y", "y"), ("z", "y")]
    ratings = {str(number): pair for number, pair in enumerate(pairs)}
    swapped = {name: pair[::-1] for name, pair in ratings.items()}
    articles = dict.fromkeys(ratings, "a")
    # F1 = 2 both / (uses of one + uses of the other): x 2 * 2 / (3 + 2), y 2 * 1 / (1 + 3), z 0,
    # and w is used by nobody: it has no F1 and does not count in the mean.
    for either in (ratings, swapped):
        table = confusions(either, articles, "wxyz").sum(axis=0)
        assert class_f1(table) == pytest.approx([math.nan, 0.8, 0.5, 0], nan_ok=True)
        assert macro_f1(table) == pytest.approx(1.3 / 3)


@pytest.fixture(scope="module")
def twelve_articles():
    """Twelve articles of four sentences with two ratings: (ratings, sentence id -> article id)."""
    rng = np.random.default_rng(7)
    ratings = {f"{n:02}": list(rng.choice(list("abc"), 2, p=[0.6, 0.3, 0.1])) for n in range(48)}
    return ratings, {name: f"article {int(name) // 4}" for name in ratings}


def test_the_interval_is_that_of_alpha_over_redrawn_articles(twelve_articles):
    ratings, articles = twelve_articles
    found = estimated_alpha(ratings, articles)
    assert found.value == pytest.approx(alpha(ratings))
    names = sorted(set(articles.values()), key=lambda name: int(name.split()[1]))
    drawn = np.random.default_rng(0).multinomial(12, [1 / 12] * 12, size=1000)
    alphas = []
    for times in drawn:  # the slow way: write every sentence out as often as it was drawn
        copies = {
            f"{name}.{copy}": labels
            for name, labels in ratings.items()
            for copy in range(times[names.index(articles[name])])
        }
        alphas.append(alpha(copies))
    assert (found.low, found.high) == pytest.approx(tuple(np.percentile(alphas, [2.5, 97.5])))
    assert found.low < found.value < found.high
    assert found.note == ""


def test_the_interval_is_the_same_every_time(twelve_articles):
    assert estimated_alpha(*twelve_articles) == estimated_alpha(*twelve_articles)


def test_articles_that_are_all_alike_leave_no_doubt():
    ratings = {
        f"{article}.{n}": pair for article in range(10) for n, pair in enumerate(["ab", "aa"])
    }
    found = estimated_alpha(ratings, {name: name[0] for name in ratings})
    assert found.low == pytest.approx(found.value) == pytest.approx(found.high)


def test_under_ten_articles_there_is_no_interval_and_it_is_said():
    ratings = {
        f"{article}.{n}": pair for article in range(9) for n, pair in enumerate(["ab", "aa"])
    }
    found = estimated_alpha(ratings, {name: name[0] for name in ratings})
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert found.note == "no interval: 9 articles, expected at least 10"


def test_a_value_in_one_article_has_no_interval():
    # Without article 0 every label is "a": a resample that does not draw it is undefined.
    ratings = {f"{article}.0": "ab" if article == 0 else "aa" for article in range(10)}
    found = estimated_alpha(ratings, {name: name[0] for name in ratings})
    assert math.isnan(found.low)
    assert found.note.startswith("no interval: undefined in ")
    assert found.note.endswith(" of 1,000 resamples")
