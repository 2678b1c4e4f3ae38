"""What each annotator did week by week, and whether hidden items show drift."""

import dataclasses

import pytest

from corpus.progress import Checked, progress

A = [f"a.{n:03}" for n in range(10)]
B = [f"b.{n:03}" for n in range(10)]


@pytest.fixture
def answered(vote):
    """Replace the answers of a batch: (annotator, sentence, changes) each."""

    def make(corpus, batch, *answers):
        lines = [vote(who, sentence_id=name, **more) for who, name, more in answers]
        return dataclasses.replace(corpus, annotations={**corpus.annotations, batch: lines})

    return make


def test_tasks_hours_and_reasons_are_counted_by_week(forty, asked, answered):
    forty = asked(forty, A[:5], "anna")
    early, late = "2026-11-20T10:00:00Z", "2026-11-23T00:30:00+02:00"  # Sunday evening in UTC
    forty = answered(
        forty,
        "b001",
        ("anna", A[0], {"created_at": early, "seconds": 30.0}),
        ("anna", A[1], {"created_at": late, "seconds": 60.0}),
        (
            "anna",
            A[2],
            {
                "created_at": late,
                "status": "skipped",
                "stance": None,
                "note": "R1?",
                "seconds": 90.0,
            },
        ),
        ("anna", A[3], {"created_at": late, "status": "draft", "seconds": None}),
    )
    [anna] = progress(forty)
    assert (anna.asked, anna.done, anna.skipped, anna.unfinished, anna.missing) == (5, 2, 1, 1, 2)
    assert anna.hours == 180 / 3600
    assert anna.hours_left == 2 * 60 / 3600  # two left, the median answer took a minute
    assert anna.skip_reasons == {"R1?": 1}
    # ISO weeks begin on Monday; 00:30 at +02:00 is still Sunday the 22nd.
    assert [(week.week, week.done, week.skipped) for week in anna.weeks] == [("2026-W47", 2, 1)]


def test_gold_is_what_others_voted_and_oneself_is_the_earlier_answer(forty, asked, answered):
    forty = asked(forty, A, "xi", "yo", batch="b001")
    forty = asked(forty, B[:2], "anna", "xi", batch="b002")
    forty = asked(forty, [A[0], A[1]], "anna", batch="b003", lane="gold")
    forty = answered(
        forty, "b003", ("anna", A[0], {}), ("anna", A[1], {"stance": "against", "act": "refuse"})
    )
    forty = asked(forty, [B[0]], "anna", batch="b004", lane="recode")
    anna = next(one for one in progress(forty) if one.annotator == "anna")
    assert (anna.gold, anna.oneself) == (Checked(1, 2), Checked(1, 1))
    assert anna.gold.share == 0.5


def test_only_the_first_answer_to_a_check_counts(forty, asked, answered):
    forty = asked(forty, A[:1], "xi", "yo", batch="b001")
    forty = asked(forty, A[:1], "anna", batch="b002", kind="training")
    forty = answered(forty, "b002", ("anna", A[0], {"stance": "none"}), ("anna", A[0], {}))
    anna = next(one for one in progress(forty) if one.annotator == "anna")
    assert anna.gold == Checked(0, 1)


def test_low_agreement_with_gold_warns_from_ten_items_on(forty, asked, answered):
    forty = asked(forty, A, "xi", "yo", batch="b001")
    wrong = {"stance": "against", "act": "refuse"}
    answers = [("anna", name, wrong if n < 3 else {}) for n, name in enumerate(A)]
    warned = {}
    for n in (9, 10):
        some = asked(forty, A[:n], "anna", batch="b002", lane="gold")
        some = answered(some, "b002", *answers[:n])
        warned[n] = next(one for one in progress(some) if one.annotator == "anna").warnings
    assert warned == {
        9: (),
        10: ("agrees with gold on 7 of 10 checks only: look at them together",),
    }


def test_a_fall_in_the_last_week_is_told_from_earlier_ones(forty, asked, answered):
    forty = asked(forty, A + B, "xi", "yo", batch="b001")
    forty = asked(forty, A + B, "anna", batch="b002", lane="gold")
    # 10 of 10, then 8 of 10: not low, but 0.20 less.
    later = {"created_at": "2026-12-02T10:00:00Z"}
    wrong = {"stance": "against", "act": "refuse"}
    forty = answered(
        forty,
        "b002",
        *(("anna", name, {}) for name in A),
        *(("anna", name, {**later, **(wrong if n < 2 else {})}) for n, name in enumerate(B)),
    )
    anna = next(one for one in progress(forty) if one.annotator == "anna")
    assert anna.warnings == ("2026-W49: agreement with gold fell to 0.80 from 1.00",)


@pytest.mark.parametrize(
    ("change", "warning"),
    [
        ({"seconds": 1.5}, "takes 1.5 s a sentence (median): too fast to read it"),
        ({"status": "skipped", "stance": None, "act": None}, "skipped 10 of 10: ask why"),
    ],
)
def test_haste_and_much_skipping_warn(forty, asked, answered, change, warning):
    forty = asked(forty, A, "anna")
    forty = answered(forty, "b001", *(("anna", name, change) for name in A))
    [anna] = progress(forty)
    assert anna.warnings == (warning,)
