"""The scripts as people run them, on copies of the second corpus."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

TRAM = Path(__file__).parents[1] / "data/tram"


@dataclass(frozen=True)
class Built:
    """What the whole path made of the tram corpus, and what it said."""

    corpus: Path
    dataset: Path
    model: Path
    said: str


@pytest.fixture(scope="session")
def built(tmp_path_factory, script):
    """The tram corpus, its dataset and its model; made once, read by many tests, never changed."""
    folder = tmp_path_factory.mktemp("built")
    corpus, dataset, model = (folder / name for name in ("tram", "dataset", "model"))
    shutil.copytree(TRAM, corpus)
    ends = [
        script("build_dataset", "--corpus", corpus, "--out", dataset),
        script("train_model", "--dataset", dataset, "--out", model),
    ]
    assert [end.code for end in ends] == [0, 0], ends
    return Built(corpus, dataset, model, "".join(end.out + end.said for end in ends))


@pytest.fixture
def tram(tmp_path):
    """A copy of the second corpus that a test may change."""
    return Path(shutil.copytree(TRAM, tmp_path / "tram"))


@pytest.fixture(scope="session")
def classify(script, built):
    """Classify with the tram model."""

    def make(*arguments, **options):
        return script("classify", "--model", built.model, *arguments, **options)

    return make
