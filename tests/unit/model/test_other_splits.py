"""What other ways of holding out would show stands beside the score that may be quoted."""

import dataclasses

import numpy as np
import pytest

from model.cross_validation import cross_validate
from model.examples import Example
from model.other_splits import around_cut, split_gap
from model.scores import Resampling, Score
from model.settings import Settings
from model.split_gap import SplitGap

SETTINGS = Settings(n_columns=2**8)


def gap_of(labels, rows, *, keywords=None):
    """The split gap of rows (text, stance, group, date); two sentences an article."""
    texts, stance, groups, dates = zip(*rows, strict=True)
    examples = [Example(text) for text in texts]
    articles = [f"{group}-{n // 2}" for n, group in enumerate(groups)]
    facts = {"groups": groups, "articles": articles, "labels": labels, "settings": SETTINGS}
    found = cross_validate(examples, stance, [None] * len(rows), n_resamples=50, **facts)
    return split_gap(
        found.out_of_fold,
        examples,
        stance,
        dates=dates,
        keywords=keywords,
        resampling=Resampling(n=50),
        **facts,
    )


def names_decide(*, date="2001-01-01"):
    """Three groups in which a name stands for a stance, in each for another one."""
    stances = ("favor", "against", "no_stance")
    return [
        (f"{name} {name}{group}", stances[(group + n) % 3], f"g{group}", date)
        for group in range(3)
        for n, name in enumerate(("alpha", "beta", "gamma"))
        for _ in range(12)
    ]


def words_decide(n_groups):
    """Groups a year apart in which the same words decide; all is told apart everywhere."""
    return [
        (text, stance, f"g{group}", f"{2000 + group}-01-01")
        for group in range(n_groups)
        for text, stance in (("accept", "favor"), ("reject", "against"), ("met", "no_stance"))
        for _ in range(12)
    ]


def test_a_model_of_names_looks_good_on_random_rows_alone(labels):
    found = gap_of(labels, names_decide())
    # Every fold of rows has met "alpha0" with its stance; the two other groups give "alpha" the two
    # other stances, so without its own group nothing is right.
    assert (found.groups.value, found.rows.value, found.gap.value) == (0.0, 1.0, 1.0)
    assert found.rows.baselines == {"whole groups": 0.0}
    assert found.n == 108
    assert found.describe()[0] == (
        "whole groups held out 0.000, random rows 1.000 (three-way macro-F1, n 108): "
        "+1.000 [+1.000, +1.000] that would not hold on new reports"
    )


def test_what_carries_over_has_no_gap_and_says_so(labels):
    found = gap_of(labels, words_decide(5))
    assert (found.groups.value, found.rows.value, found.gap.value) == (1.0, 1.0, 0.0)
    assert (
        found.gap_words == "+0.000 [+0.000, +0.000], which does not show that random rows flatter"
    )


def test_forward_in_time_learns_from_what_ended_and_scores_what_began_later(labels):
    rows = words_decide(5)
    found = gap_of(labels, rows, keywords=["favor"] * len(rows)).forward
    # A fifth of 180 sentences is one group, the last; all others ended before.
    assert (found.cut, found.n_learned, found.n, found.n_left_out) == ("2004-01-01", 144, 36, 0)
    # Of 36 each third is a stance under 30: no three-way score.
    assert found.score.value is None
    rows = words_decide(20)
    found = gap_of(labels, rows, keywords=["favor"] * len(rows)).forward
    # A fifth of 720 are four groups of 36: 48 of each stance.
    assert (found.cut, found.n) == ("2016-01-01", 144)
    # Always favor: 2 * 48 / (48 + 144) = 1/2, averaged with 0 and 0; so is the majority, a tie.
    assert found.score.value == 1.0
    assert found.score.baselines == {
        "majority": pytest.approx(1 / 6),
        "keywords": pytest.approx(1 / 6),
        "whole groups held out, the same sentences": 1.0,
    }


def test_a_group_on_both_sides_of_the_cut_is_in_neither():
    groups, dates = "aabbccc", ("1990", "1991", "1991", "1999", "1995", "", "1996")
    cut, before, later = around_cut(groups, dates)
    # Six are dated: two of them must lie after, which group c, from 1995 on, has.
    assert cut == "1995"
    assert before.tolist() == [True, True, False, False, False, False, False]
    assert later.tolist() == [False, False, False, False, True, False, True]
    assert not np.any(before & later)


def test_without_dates_there_is_no_figure_forward_in_time(labels):
    found = gap_of(labels, names_decide(date=""))
    assert found.forward is None
    assert found.describe()[1].startswith("forward in time: no figure: no day has groups of 30")


def test_too_little_for_random_rows_is_said(labels):
    rows = [
        ("accept", "favor", "g0", "2001-01-01"),
        ("reject", "against", "g0", "2001-01-01"),
        ("accept", "favor", "g1", "2002-01-01"),
    ]
    # Whole groups: g1 is answered from g0. Two folds of rows: either may lack a second stance.
    found = gap_of(labels, rows)
    assert found.forward is None
    assert found.why_not.startswith("no figure: ")
    assert found.gap.value is None
    assert found.gap.note.startswith("undefined: ")


def test_a_gap_is_read_back_from_its_record(labels):
    found = gap_of(labels, words_decide(5))
    assert SplitGap.from_dict(dataclasses.asdict(found)) == found
    undefined = Score(None, {}, None, None, "undefined: every label has too few examples")
    nothing = SplitGap(3, undefined, undefined, undefined, why_not="no day")
    assert SplitGap.from_dict(dataclasses.asdict(nothing)) == nothing
    assert nothing.describe() == [
        "split by random rows: undefined: every label has too few examples",
        "forward in time: no day",
    ]
