"""An invented report.json with everything that the evaluation page can show."""

from dataclasses import asdict, replace

import numpy as np

from model.answers import Answered, GoldCodes
from model.calibration import calibration_of, graded
from model.evaluation import evaluate_answers
from model.labels import LabelSet
from model.out_of_fold import OutOfFold
from model.risk_coverage import abstention_at
from model.scores import Resampling, Score
from model.slicing import slice_of, slices_of
from model.split_gap import Forward, SplitGap

LABELS = LabelSet(
    stance=("favor", "against", "none"),
    topics=("aid",),
    target="the truce",
    neutral="none",
    three_way={"favor": "favor", "against": "against", "none": "none"},
    codebook="invented 1.0",
)
# A reader must see this, not bold type.
OUTLET = "<b>Wire</b> & Sons"
RESAMPLING = Resampling(n=200)
N = 240


def full_report():
    """240 sentences of 24 articles; three of four answers are right, the surer ones more often."""
    rng = np.random.default_rng(0)
    stance = [LABELS.stance[n % 3] for n in range(N)]
    articles = [f"a{n // 10}" for n in range(N)]
    gold = GoldCodes.of(stance, [{"aid"} if n % 2 else set() for n in range(N)], LABELS)
    scores = OutOfFold.empty(gold, articles, n_stance=3)
    scores.folds[:] = 0
    scores.stance[:] = rng.normal(size=(N, 3)) + 1.5 * np.eye(3)[gold.stance]
    answered = {
        "model": Answered(scores.likeliest, rng.random((N, 1)) < 0.5),
        "majority": Answered(np.zeros(N, dtype=np.int64), np.zeros((N, 1), dtype=bool)),
        "keywords": Answered(rng.integers(3, size=N), np.zeros((N, 1), dtype=bool)),
    }
    facts = {"articles": articles, "labels": LABELS, "resampling": RESAMPLING}
    outlets = [[OUTLET if n < 200 else "The Few"] if n < 220 else [f"o/{n}~"] for n in range(N)]
    answers = graded(scores, scores.is_scored)
    evaluation = replace(
        evaluate_answers(gold, answered, articles=articles, labels=LABELS, n_resamples=200),
        method="Test part, scored once",
        n_groups=3,
        held_out={"<i>oslo</i>": N},
        notes=("a note with <b>markup</b>",),
        annotators={"stance_macro_f1": 0.9, "three_way_macro_f1": 0.91},
        n_annotator_pairs=N,
        calibration=calibration_of(answers, answers, temperature=1.0, resampling=RESAMPLING),
        abstention=abstention_at(0.6, answers, stance=LABELS.stance, resampling=RESAMPLING),
        slices={"outlet": slices_of(gold, answered, outlets, **facts)},
        without={"act accuse": slice_of(gold, answered, np.arange(200), **facts)},
    )
    gap = Score(0.04, {}, 0.03, 0.05)
    forward = Forward("2023-10-31", 150, 80, 10, Score(0.5, {"majority": 0.2}, 0.4, 0.6))
    learned = replace(
        evaluation,
        split_gap=SplitGap(
            N, Score(0.6, {}, 0.5, 0.7), Score(0.64, {"whole groups": 0.6}, 0.6, 0.7), gap, forward
        ),
    )
    change = asdict(Score(-0.01, {}, -0.02, 0.005))
    points = [
        {"n_sentences": n, "n_groups": 3, "score": asdict(Score(v, {}, v - 0.1, v + 0.1))}
        for n, v in ((60, 0.4), (120, 0.5), (240, 0.6))
    ]
    return {
        **evaluation.to_dict(),
        "date": "2026-01-31",
        "codebook": LABELS.codebook,
        "dataset": "sha256:d",
        "model": "m",
        "parts": {"train": 1000, "test": N},
        "test": "sha256:t",
        "labelled_by": "ann-a, ann-b. Annotators are invented.",
        "cross_validation": learned.to_dict(),
        "audit": {
            "is_audited": True,
            "n_naming": 100,
            "n_hanging": 7,
            "masked": {"all sentences": {"change_in_use": {"three_way_macro_f1": change}}},
        },
        "curve": {
            "forecasts": {
                "three_way_macro_f1": {
                    "points": points,
                    "n_sentences": N,
                    "why_not": "",
                    "now": asdict(Score(0.6, {}, 0.5, 0.7)),
                    "doubled": asdict(Score(0.65, {}, 0.55, 0.75)),
                }
            }
        },
    }
