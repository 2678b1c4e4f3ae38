"""The last reading of the test part keeps the floors. Reads the committed log; trains nothing."""

import json
from pathlib import Path

from corpus.evaluation_log import part_digest, read_log
from model.floors import Floors
from model.report import Evaluation

FLOORS = Path(__file__).parent / "floors.json"
SEEDS = Path(__file__).parents[2] / "seeds"


def test_the_last_reading_of_the_test_part_keeps_the_floors():
    floors = Floors.from_dict(json.loads(FLOORS.read_text("utf-8")))
    reading = read_log(SEEDS)[-1]
    scores = Evaluation.from_dict(reading).scores
    assert list(floors.broken_by(scores, digest=part_digest(reading))) == []
