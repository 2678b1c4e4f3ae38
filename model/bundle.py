"""How a model is saved, checked and loaded again.

A bundle directory holds the same model twice: `weights.npy` with `bundle.json`, plain arrays that
classifying needs no scikit-learn for, and `bundle.joblib`, stock scikit-learn objects in a dict.
Beside them lie `report.json`, the evaluation, and `README.md`, the model card.

What is defended against, and what is not: loading the arrays executes nothing, because `load`
never unpickles (`allow_pickle=False`, memory-mapped). A joblib file is a pickle, and unpickling a
stranger's file runs the stranger's program. The digests here lie beside the files that they
describe, so they show damage and careless edits; who can replace a file can replace its digest
too. Trust therefore comes from outside the bundle: see `model.trust`.
"""

import hashlib
import json
import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from model.arrays import arrays_of
from model.card import card_text
from model.errors import ModelError
from model.manifest import (
    FILE_NAME,
    TOPIC_THRESHOLD,
    TRAIN_AGAIN,
    FileFacts,
    Manifest,
    TrainingFacts,
    read_manifest,
)

if TYPE_CHECKING:  # importing it would load scikit-learn
    from model.report import Evaluation
    from model.training import TrainedModel

WEIGHTS = "weights.npy"
JOBLIB = "bundle.joblib"
REPORT = "report.json"
CARD = "README.md"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A loaded model: its manifest and its memory-mapped numbers.

    weights: float32, shape (n_columns, 1 + n_outputs): idf, trained stance values, trained topics.
    digest: the model's identity, written into every prediction.
    """

    directory: Path
    manifest: Manifest
    weights: npt.NDArray[np.float32]
    digest: str


def save(
    directory: Path,
    model: "TrainedModel",
    evaluation: "Evaluation",
    *,
    n_articles: int,
    dataset_digest: str,
    annotators: str,
) -> Manifest:
    """Write a bundle into a new or empty directory and return its manifest.

    n_articles, dataset_digest: of the data that the model was trained on; annotators: who labelled
    it, in words for the card ("two language models, adjudicated"). The temperature and thresholds
    that the evaluation chose become the model's; without them 1, always answering, and 0.5 for
    every topic. No time of day is written: the same input gives the same bytes. `bundle.json` comes
    last, so a directory that was left half written does not load; the caller writes aside and swaps
    directories.
    Raises ModelError when the directory holds something, OSError when the disk is full.
    """
    import joblib

    directory.mkdir(parents=True, exist_ok=True)
    if any(directory.iterdir()):
        raise ModelError(
            f"{directory} is not empty; expected a new folder for the model. "
            "Save to another folder, or delete this one if nothing in it is needed."
        )
    arrays = arrays_of(model)
    np.save(directory / WEIGHTS, arrays.weights, allow_pickle=False)
    decisions = _decisions(model, evaluation)
    joblib.dump(_joblib_content(model) | decisions, directory / JOBLIB, compress=3)
    manifest = Manifest(
        labels=model.labels,
        settings=model.settings,
        trained_stance=model.trained_stance,
        trained_topics=model.trained_topics,
        untrained_stance=model.untrained_stance,
        untrained_topics=model.untrained_topics,
        stance_intercepts=arrays.stance_intercepts,
        topic_intercepts=arrays.topic_intercepts,
        training=TrainingFacts(
            n_sentences=model.n_sentences,
            n_articles=n_articles,
            n_asked=model.n_asked,
            stance_counts=model.stance_counts,
            topic_counts=model.topic_counts,
            dataset_digest=dataset_digest,
            annotators=annotators,
        ),
        versions=_versions(),
        files={name: _file_facts(directory / name) for name in (WEIGHTS, JOBLIB)},
        **decisions,
    )
    report = {"model": manifest.digest, **evaluation.to_dict()}
    report_text = json.dumps(report, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    (directory / REPORT).write_text(report_text, encoding="utf-8", newline="\n")
    (directory / CARD).write_text(card_text(manifest, evaluation), encoding="utf-8", newline="\n")
    (directory / FILE_NAME).write_text(manifest.to_json(), encoding="utf-8", newline="\n")
    return manifest


def load(directory: Path) -> Bundle:
    """The model in its array form, ready to classify; executes nothing from the directory.

    Cheap: `bundle.json` is checked against its digest, `weights.npy` by size and header only;
    `verify` reads it whole.
    Raises ModelError for a folder or file that is missing, truncated, edited, foreign or newer.
    """
    manifest = read_manifest(directory)
    path = directory / WEIGHTS
    _check_size(path, manifest)
    try:
        weights = np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror or error}.") from None
    except (ValueError, EOFError):
        raise ModelError(f"{path} is not an array file of numbers. {TRAIN_AGAIN}") from None
    shape = (manifest.settings.n_columns, 1 + manifest.n_outputs)
    expected = f"float32 in C order of shape {shape}"
    if not isinstance(weights, np.memmap):
        weights.close()
        raise ModelError(f"{path} is an archive; expected one array, {expected}. {TRAIN_AGAIN}")
    order = "C" if weights.flags.c_contiguous else "Fortran"
    if (weights.dtype.str, weights.shape, order) != ("<f4", shape, "C"):
        raise ModelError(
            f"{path} holds {weights.dtype} in {order} order of shape {weights.shape}; expected "
            f"{expected}. Does it belong to another model? {TRAIN_AGAIN}"
        )
    # The plain view keeps the map open and skips memmap's bookkeeping at every access.
    return Bundle(directory, manifest, weights.view(np.ndarray), manifest.digest)


def verify(directory: Path) -> Manifest:
    """The manifest, after both forms of the model were read whole and have the stated digests.

    This finds damage, not an attacker. Raises ModelError naming every file that differs.
    """
    manifest = load(directory).manifest
    faults = []
    for name, stated in manifest.files.items():
        _check_size(directory / name, manifest)
        found = _file_facts(directory / name)
        if found != stated:
            faults.append(
                f"{directory / name} is damaged: its sha256 is {found.sha256}, "
                f"{FILE_NAME} states {stated.sha256}."
            )
    if faults:
        raise ModelError("\n".join([*faults, f"Copy the model again. {TRAIN_AGAIN}"]))
    return manifest


def _decisions(model: "TrainedModel", evaluation: "Evaluation") -> dict[str, Any]:
    """How scores become answers: the fields of `Manifest` that an evaluation chooses."""
    calibration, abstention = evaluation.calibration, evaluation.abstention
    tuned = evaluation.topic_thresholds.by_topic if evaluation.topic_thresholds else {}
    return {
        "temperature": calibration.temperature if calibration else 1.0,
        "abstain_below": abstention.abstain_below if abstention else None,
        "topic_thresholds": {t: tuned.get(t, TOPIC_THRESHOLD) for t in model.trained_topics},
    }


def _joblib_content(model: "TrainedModel") -> dict[str, Any]:
    """Stock scikit-learn objects, dicts, strings and numbers: loads where this package is absent.

    "stance" answers in the order of its `classes_`, "topics" in the order of "topic_names"; with a
    single topic it answers (without, with). Its stance probabilities are those of temperature 1.
    """
    from sklearn.base import clone

    # A vectorizer that was used keeps a memory address (`_stop_words_id`), which would give every
    # run another file: clones of the vectorizers, which learn nothing, and the fitted tf-idf.
    features = clone(model.features).set_params(tfidf=model.features["tfidf"])
    return {
        "kind": "parley model",
        "labels": model.labels.to_dict(),
        "settings": model.settings.to_dict(),
        "features": features,
        "stance": model.stance,
        "topics": model.topics,
        "topic_names": list(model.trained_topics),
        "untrained_stance": dict(model.untrained_stance),
        "untrained_topics": dict(model.untrained_topics),
    }


def _check_size(path: Path, manifest: Manifest) -> None:
    if path.name not in manifest.files:
        raise ModelError(f"{path.parent / FILE_NAME} does not mention {path.name}. {TRAIN_AGAIN}")
    if not path.is_file():
        raise ModelError(f"{path} is missing. Copy the whole folder again. {TRAIN_AGAIN}")
    found, stated = path.stat().st_size, manifest.files[path.name].n_bytes
    if found != stated:
        word = "truncated" if found < stated else "damaged or foreign"
        raise ModelError(
            f"{path} is {word}: it has {found:,} bytes, {FILE_NAME} states {stated:,}. "
            f"Copy the model again. {TRAIN_AGAIN}"
        )


def _file_facts(path: Path) -> FileFacts:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileFacts(path.stat().st_size, digest)


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version()}
    for name in ("parley", "numpy", "scikit-learn"):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "unknown"
    return versions
