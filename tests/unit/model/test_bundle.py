"""A saved model comes back whole, and every fault is told with what to do next."""

import json
import subprocess
import sys

import numpy as np
import pytest

from model.bundle import load, save, verify
from model.errors import ModelError
from model.manifest import _digest_of

FILES = ["README.md", "bundle.joblib", "bundle.json", "report.json", "weights.npy"]


def rewrite(directory, **changes):
    """Change bundle.json as an editor would who also knows how to make the digest fit."""
    path = directory / "bundle.json"
    data = {**json.loads(path.read_text()), **changes}
    del data["digest"]
    path.write_text(json.dumps({**data, "digest": _digest_of(data)}))


def test_a_bundle_comes_back_as_it_was_saved(bundle_directory, trained, labels, small):
    assert sorted(path.name for path in bundle_directory.iterdir()) == FILES
    bundle = load(bundle_directory)
    manifest = verify(bundle_directory)
    assert manifest == bundle.manifest
    assert bundle.digest == manifest.digest
    assert json.loads((bundle_directory / "bundle.json").read_text())["digest"] == bundle.digest
    assert json.loads((bundle_directory / "report.json").read_text())["model"] == bundle.digest
    assert (manifest.labels, manifest.settings) == (labels, small)
    assert manifest.trained_stance == trained.trained_stance
    assert manifest.untrained_topics == {"prisoners": "no sentence has it"}
    assert manifest.training.n_sentences == 20
    assert (manifest.temperature, manifest.abstain_below) == (1.0, None)
    assert manifest.topic_thresholds == {"aid": 0.5, "talks": 0.5}
    assert set(manifest.versions) == {"parley", "python", "numpy", "scikit-learn"}


def test_weights_are_idf_then_stance_then_topics(bundle_directory, trained, small):
    weights = load(bundle_directory).weights
    assert (weights.dtype, weights.shape) == (np.float32, (small.n_columns, 1 + 4 + 2))
    assert weights.flags.c_contiguous
    assert not weights.flags.writeable
    idf = trained.features["tfidf"].idf_
    np.testing.assert_allclose(weights[:, 0], idf, rtol=1e-6)
    favor = list(trained.stance.classes_).index("favor")
    np.testing.assert_allclose(weights[:, 1], idf * trained.stance.coef_[favor], atol=1e-6)
    talks = trained.topics.estimators_[1].coef_[0]
    np.testing.assert_allclose(weights[:, 6], idf * talks, atol=1e-6)


SAVE_AGAIN = """
import sys
from pathlib import Path
from model.bundle import save
from model.examples import Example
from model.labels import LabelSet
from model.report import Evaluation
from model.settings import Settings
from model.training import train

stance = ("for", "against", "neither")
view = dict(zip(stance, ("favor", "against", "none")))
labels = LabelSet(stance, ("aid", "talks"), "truce", "neither", view, "two 1")
texts = ["they accept aid", "they reject talks", "they met", "they agree on aid talks"]
topics = [{"aid"}, {"talks"}, set(), {"talks", "aid"}]
model = train([Example(text) for text in texts], ["for", "against", "neither", "for"], topics,
              labels=labels, settings=Settings(n_columns=2**10))
save(Path(sys.argv[1]), model, Evaluation(4, 1, 1, why_not="one"), n_articles=1,
     dataset_digest="d", annotators="nobody")
"""


def test_the_same_input_gives_the_same_bytes_in_another_process(tmp_path):
    # Two at once: most of the time goes into importing scikit-learn.
    running = [
        subprocess.Popen(
            [sys.executable, "-P", "-c", SAVE_AGAIN, str(tmp_path / seed)],
            env={"PYTHONHASHSEED": seed},
        )
        for seed in ("1", "2")
    ]
    assert [process.wait() for process in running] == [0, 0]
    for name in FILES:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes(), name


def test_saving_over_something_is_refused(bundle_directory, trained, unscored):
    before = (bundle_directory / "bundle.json").read_bytes()
    with pytest.raises(ModelError, match="is not empty; expected a new folder"):
        save(
            bundle_directory, trained, unscored, n_articles=1, dataset_digest="d", annotators="x"
        )  # fmt: skip
    assert (bundle_directory / "bundle.json").read_bytes() == before


def test_a_missing_folder(tmp_path):
    with pytest.raises(ModelError, match=r"there is no such model folder. Run `make train`"):
        load(tmp_path / "nowhere")


def test_a_foreign_folder(tmp_path):
    (tmp_path / "holiday.jpg").touch()
    with pytest.raises(ModelError, match=r"bundle.json is missing; the folder holds holiday.jpg"):
        load(tmp_path)


@pytest.mark.parametrize("content", ["[]", "{}", '{"format": 1}', '"x"'])
def test_a_foreign_json(bundle_directory, content):
    (bundle_directory / "bundle.json").write_text(content)
    with pytest.raises(ModelError, match="does not describe a Parley model"):
        load(bundle_directory)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a": NaN}'])
def test_a_damaged_json(bundle_directory, content):
    (bundle_directory / "bundle.json").write_bytes(content)
    with pytest.raises(ModelError, match=r"bundle.json is not JSON: it is damaged or foreign"):
        load(bundle_directory)


def test_an_edited_json(bundle_directory):
    path = bundle_directory / "bundle.json"
    path.write_text(path.read_text().replace('"temperature": 1.0', '"temperature": 2.0'))
    with pytest.raises(ModelError, match=r"bundle.json was edited or damaged: its content has"):
        load(bundle_directory)


def test_a_newer_format(bundle_directory):
    rewrite(bundle_directory, format=2, versions={"parley": "9.0"})
    with pytest.raises(
        ModelError, match=r"has format 2, this program reads format 1. Written by parley 9.0"
    ):
        load(bundle_directory)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"stance_intercepts": [0.0]}, "labels and intercepts do not match"),
        ({"stance_intercepts": "many"}, "could not convert"),
        ({"labels": {}}, "'stance'"),
        ({"labels": []}, "list indices"),
        ({"trained_stance": ["favor"]}, "trained and untrained labels are not the label set"),
        ({"settings": {"n_columns": 7}}, "n_columns must be even"),
        ({"features": {"hash": "other"}}, "features are"),
        ({"temperature": 0}, "temperature must be above 0"),
        ({"abstain_below": 1.1}, "abstain_below: a threshold must lie in 0 to 1, found 1.1"),
        ({"topic_thresholds": {"aid": 0.5}}, "topic_thresholds and trained_topics are not the"),
        ({"topic_thresholds": {"aid": 0.5, "talks": -1}}, "talks: a threshold must lie in 0 to 1"),
        ({"files": {"weights.npy": {"bytes": "4", "sha256": ""}}}, "a file has '4' bytes"),
    ],
)
def test_a_manifest_that_makes_no_sense(bundle_directory, changes, message):
    rewrite(bundle_directory, **changes)
    with pytest.raises(ModelError, match="is no valid description of a model: ") as refusal:
        load(bundle_directory)
    assert message in str(refusal.value)


def test_a_manifest_without_the_weights(bundle_directory):
    rewrite(bundle_directory, files={})
    with pytest.raises(ModelError, match=r"does not mention weights.npy"):
        load(bundle_directory)


@pytest.mark.parametrize("name", ["weights.npy", "bundle.joblib"])
def test_a_missing_file(bundle_directory, name):
    (bundle_directory / name).unlink()
    with pytest.raises(ModelError, match=rf"{name} is missing. Copy the whole folder again"):
        verify(bundle_directory)


def test_truncated_weights(bundle_directory, small):
    path = bundle_directory / "weights.npy"
    # A header of 128 bytes, then 1024 rows of 1 + 4 + 2 numbers of 4 bytes.
    size = 128 + small.n_columns * 7 * 4
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(
        ModelError,
        match=rf"is truncated: it has {size - 1000:,} bytes, bundle.json states {size:,}",
    ):
        load(bundle_directory)


def foreign_array(directory, array, *, allow_pickle=False):
    """Put another array in place of the weights, of a size that bundle.json is made to state."""
    path = directory / "weights.npy"
    np.save(path, array, allow_pickle=allow_pickle)
    files = json.loads((directory / "bundle.json").read_text())["files"]
    rewrite(directory, files={**files, "weights.npy": {"bytes": path.stat().st_size, "sha256": ""}})


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((1024, 7)),
        np.zeros((1024, 6), dtype=np.float32),
        np.zeros((1024, 7), dtype=">f4"),
        np.zeros((7, 1024), dtype=np.float32).T,
        np.zeros(0, dtype=np.float32),
    ],
    ids=["float64", "another shape", "big-endian", "Fortran order", "empty"],
)
def test_foreign_weights(bundle_directory, array):
    foreign_array(bundle_directory, array)
    with pytest.raises(ModelError, match=r"weights\.npy (holds .* expected float32 in C order of "
                       r"shape \(1024, 7\)|is not an array file)"):  # fmt: skip
        load(bundle_directory)


class Explosive:
    """Unpickling this ends the test run."""

    def __reduce__(self):
        return (sys.exit, ("weights were unpickled",))


def test_pickled_weights_are_not_unpickled(bundle_directory):
    foreign_array(bundle_directory, np.array([Explosive()], dtype=object), allow_pickle=True)
    with pytest.raises(ModelError, match="is not an array file of numbers"):
        load(bundle_directory)


@pytest.mark.parametrize("archive", [False, True], ids=["garbage", "npz archive"])
def test_weights_that_are_no_array_file(bundle_directory, archive):
    path = bundle_directory / "weights.npy"
    size = path.stat().st_size
    if archive:
        with path.open("wb") as file:
            np.savez(file, weights=np.zeros(3))
        files = json.loads((bundle_directory / "bundle.json").read_text())["files"]
        stated = {"bytes": path.stat().st_size, "sha256": ""}
        rewrite(bundle_directory, files={**files, "weights.npy": stated})
    else:
        path.write_bytes(b"x" * size)
    with pytest.raises(ModelError, match=r"is not an array file|is an archive"):
        load(bundle_directory)


@pytest.mark.parametrize("name", ["weights.npy", "bundle.joblib"])
def test_verify_finds_one_flipped_bit(bundle_directory, name):
    path = bundle_directory / name
    content = bytearray(path.read_bytes())
    content[-10] ^= 1
    path.write_bytes(content)
    load(bundle_directory)  # cheap: size and header only
    with pytest.raises(
        ModelError, match=rf"{name} is damaged: its sha256 is .* bundle.json states"
    ):
        verify(bundle_directory)


@pytest.mark.parametrize("module", ["model.prediction", "model.bundle", "model.trust"])
def test_classifying_imports_no_scikit_learn(module):
    heavy = ("sklearn", "scipy", "joblib", "pandas", "huggingface_hub")
    code = f"import {module}, sys; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"
