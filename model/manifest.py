"""What `bundle.json` says, and whether it is what was written."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from model.errors import ModelError
from model.features import CHARACTER_NGRAMS, WORD_NGRAMS
from model.labels import LabelSet
from model.settings import Settings

FORMAT = 1
FILE_NAME = "bundle.json"
# Of a topic for which nothing was tuned.
TOPIC_THRESHOLD = 0.5
TRAIN_AGAIN = "Run `make train` to make the model again."


@dataclass(frozen=True, slots=True)
class FileFacts:
    """The size of a file in bytes and its sha256, 64 lower-case hexadecimal digits."""

    n_bytes: int
    sha256: str

    def __post_init__(self) -> None:
        if type(self.n_bytes) is not int or not isinstance(self.sha256, str):
            raise ValueError(f"a file has {self.n_bytes!r} bytes and the sha256 {self.sha256!r}")


@dataclass(frozen=True, slots=True)
class TrainingFacts:
    """What a model was trained on.

    dataset_digest: the identity of the dataset, given by the caller; annotators: who labelled it,
    in words. stance_counts, topic_counts: label -> examples, for every label of the codebook.
    n_asked: how many of the sentences were labelled for topics.
    """

    n_sentences: int
    n_articles: int
    n_asked: int
    stance_counts: Mapping[str, int]
    topic_counts: Mapping[str, int]
    dataset_digest: str
    annotators: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything about a saved model except its numbers by the thousand.

    trained_stance, trained_topics: the labels with a column in `weights.npy`, in that order;
    untrained_stance, untrained_topics: the others, each with the reason.
    temperature divides stance scores before softmax; abstain_below: the stance probability under
    which the model says that it does not know, None for never. topic_thresholds: trained topic ->
    the probability from which on a sentence has it.
    versions: of parley, python, numpy and scikit-learn, "unknown" where not installed.
    files: "weights.npy" and "bundle.joblib" -> their size and sha256.
    Raises ValueError when the parts contradict each other.
    """

    labels: LabelSet
    settings: Settings
    trained_stance: tuple[str, ...]
    trained_topics: tuple[str, ...]
    untrained_stance: Mapping[str, str]
    untrained_topics: Mapping[str, str]
    stance_intercepts: tuple[float, ...]
    topic_intercepts: tuple[float, ...]
    training: TrainingFacts
    versions: Mapping[str, str]
    files: Mapping[str, FileFacts]
    topic_thresholds: Mapping[str, float]
    temperature: float = 1.0
    abstain_below: float | None = None

    def __post_init__(self) -> None:
        for layer, known, trained, untrained, intercepts in (
            (
                "stance",
                self.labels.stance,
                self.trained_stance,
                self.untrained_stance,
                self.stance_intercepts,
            ),
            (
                "topics",
                self.labels.topics,
                self.trained_topics,
                self.untrained_topics,
                self.topic_intercepts,
            ),
        ):
            if trained != tuple(label for label in known if label not in untrained):
                raise ValueError(f"{layer}: trained and untrained labels are not the label set")
            if not set(untrained) <= set(known) or len(intercepts) != len(trained):
                raise ValueError(f"{layer}: labels and intercepts do not match")
        if not self.temperature > 0:
            raise ValueError(f"temperature must be above 0, found {self.temperature}")
        if set(self.topic_thresholds) != set(self.trained_topics):
            raise ValueError("topic_thresholds and trained_topics are not the same topics")
        thresholds = {"abstain_below": self.abstain_below or 0.0, **self.topic_thresholds}
        for name, threshold in thresholds.items():
            if not 0 <= threshold <= 1:
                raise ValueError(f"{name}: a threshold must lie in 0 to 1, found {threshold}")

    @property
    def n_outputs(self) -> int:
        """How many trained labels there are: the columns of `weights.npy` after the idf."""
        return len(self.trained_stance) + len(self.trained_topics)

    @property
    def digest(self) -> str:
        """The model's identity: sha256 of the canonical JSON of everything else."""
        return _digest_of(self._to_dict())

    def to_json(self) -> str:
        """The text of `bundle.json`, the same for equal manifests."""
        data = {**self._to_dict(), "digest": self.digest}
        return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n"

    def _to_dict(self) -> dict[str, Any]:
        training = self.training
        return {
            "format": FORMAT,
            "kind": "parley model",
            "labels": self.labels.to_dict(),
            "settings": self.settings.to_dict(),
            "features": _FEATURES,
            "trained_stance": list(self.trained_stance),
            "trained_topics": list(self.trained_topics),
            "untrained_stance": dict(self.untrained_stance),
            "untrained_topics": dict(self.untrained_topics),
            "stance_intercepts": list(self.stance_intercepts),
            "topic_intercepts": list(self.topic_intercepts),
            "temperature": self.temperature,
            "abstain_below": self.abstain_below,
            "topic_thresholds": dict(self.topic_thresholds),
            "training": {
                "n_sentences": training.n_sentences,
                "n_articles": training.n_articles,
                "n_asked": training.n_asked,
                "stance_counts": dict(training.stance_counts),
                "topic_counts": dict(training.topic_counts),
                "dataset_digest": training.dataset_digest,
                "annotators": training.annotators,
            },
            "versions": dict(self.versions),
            "files": {
                name: {"bytes": facts.n_bytes, "sha256": facts.sha256}
                for name, facts in self.files.items()
            },
        }


_FEATURES: dict[str, Any] = {
    "word_ngrams": list(WORD_NGRAMS),
    "char_wb_ngrams": list(CHARACTER_NGRAMS),
    "hash": "murmurhash3_x86_32, seed 0, absolute value",
    "weight": "(1 + ln count) * idf, length 1",
}


def read_manifest(directory: Path) -> Manifest:
    """The manifest of a bundle directory, undamaged and of a known format.

    Raises ModelError for a folder or file that is missing, foreign, newer, edited or damaged.
    """
    if not directory.is_dir():
        raise ModelError(f"{directory}: there is no such model folder. {TRAIN_AGAIN}")
    path = directory / FILE_NAME
    try:
        text = path.read_bytes().decode("utf-8")
        data = json.loads(text, parse_constant=_refuse_constant)
    except FileNotFoundError:
        found = ", ".join(sorted(entry.name for entry in directory.iterdir())[:5]) or "nothing"
        raise ModelError(
            f"{path} is missing; the folder holds {found}. Is this the folder of a model, and was "
            f"it saved to the end? {TRAIN_AGAIN}"
        ) from None
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise ModelError(f"{path} is not JSON: it is damaged or foreign. {TRAIN_AGAIN}") from None
    if not isinstance(data, dict) or data.get("kind") != "parley model":
        raise ModelError(
            f'{path} does not describe a Parley model (expected "kind": "parley model"). '
            f"Is this the right folder? {TRAIN_AGAIN}"
        )
    found_format = data.get("format")
    if found_format != FORMAT:
        raise ModelError(
            f"{path} has format {found_format!r}, this program reads format {FORMAT}. Written by "
            f"parley {_parley_version(data)}: install that version, or run `make train`."
        )
    stated = data.pop("digest", None)
    if stated != (found := _digest_of(data)):
        raise ModelError(
            f"{path} was edited or damaged: its content has the digest {found}, but it states "
            f"{stated}. Copy the model again, or run `make train`."
        )
    try:
        return _manifest_of(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(
            f"{path} is no valid description of a model: {error}. {TRAIN_AGAIN}"
        ) from (error)


def _manifest_of(data: Mapping[str, Any]) -> Manifest:
    if data["features"] != _FEATURES:
        raise ValueError(f"features are {data['features']}, this program has {_FEATURES}")
    abstain_below = data["abstain_below"]
    return Manifest(
        labels=LabelSet.from_dict(data["labels"]),
        settings=Settings.from_dict(data["settings"]),
        trained_stance=tuple(data["trained_stance"]),
        trained_topics=tuple(data["trained_topics"]),
        untrained_stance=MappingProxyType(dict(data["untrained_stance"])),
        untrained_topics=MappingProxyType(dict(data["untrained_topics"])),
        stance_intercepts=tuple(map(float, data["stance_intercepts"])),
        topic_intercepts=tuple(map(float, data["topic_intercepts"])),
        training=TrainingFacts(**data["training"]),
        versions=MappingProxyType(dict(data["versions"])),
        files=MappingProxyType(
            {name: FileFacts(file["bytes"], file["sha256"]) for name, file in data["files"].items()}
        ),
        topic_thresholds=MappingProxyType(
            {topic: float(threshold) for topic, threshold in data["topic_thresholds"].items()}
        ),
        temperature=float(data["temperature"]),
        abstain_below=None if abstain_below is None else float(abstain_below),
    )


def _digest_of(data: Mapping[str, Any]) -> str:
    canonical = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _parley_version(data: Mapping[str, Any]) -> str:
    versions = data.get("versions")
    return str(versions.get("parley", "unknown")) if isinstance(versions, dict) else "unknown"
