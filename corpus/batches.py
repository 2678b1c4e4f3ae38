"""Batches: frozen lists of the sentences shown to annotators, and who is asked for each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

from corpus.findings import CorpusError, in_words
from corpus.jsonl import read_lines, write_lines
from corpus.records import PSEUDONYM, RecordError, stored_fields

FORMAT = 1
BATCH_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
Kind = Literal["pilot", "training", "reliability", "production", "review"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Draw = Literal["next", "random"]
Order = Literal["article", "shuffled"]
Asks = Literal["labels", "holders"]
CHECK_LANES = ("gold", "recode")  # hidden: an answer says something of the annotator, no vote


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One sentence of a batch.

    ``lane`` says how it was chosen (``all``, ``random``, ``shared``: seen by everyone, ``gold`` and
    ``recode``: hidden checks) and ``probability`` with what inclusion probability (1.0: every
    sentence was taken), so that estimates from the batch can be weighted later. ``order``: how the
    batch was laid out when it was made. ``asks``: the labels, or in a second pass the holders of
    the stance that the annotator coded; all items of a batch ask the same.
    """

    sentence_id: str
    annotators: tuple[str, ...]
    lane: str = "all"
    probability: float = 1.0
    kind: Kind = "production"
    show_predictions: bool = False
    order: Order = "article"
    asks: Asks = "labels"

    @property
    def is_vote(self) -> bool:
        """False for what checks or trains the annotator: such answers never decide a label."""
        return self.kind != "training" and self.lane not in CHECK_LANES

    def __post_init__(self) -> None:
        bad = [name for name in self.annotators if not PSEUDONYM.fullmatch(name)]
        if bad or not self.annotators or len(set(self.annotators)) != len(self.annotators):
            raise RecordError(
                f"annotators {', '.join(self.annotators) or '(none)'} must be different pseudonyms "
                "of lower-case letters, digits and hyphens"
            )
        if self.kind not in KINDS:
            raise RecordError(f"kind {self.kind!r} is not one of {', '.join(KINDS)}")
        if self.order not in get_args(Order):
            raise RecordError(f"order {self.order!r} is not one of {', '.join(get_args(Order))}")
        if self.asks not in get_args(Asks):
            raise RecordError(f"asks {self.asks!r} is not one of {', '.join(get_args(Asks))}")
        if self.kind == "reliability" and self.show_predictions:
            raise RecordError("a reliability batch is blind: show_predictions must be false")
        if not 0 < self.probability <= 1:
            raise RecordError(f"probability {self.probability} is not in (0, 1]")


def batch_names(corpus: Path) -> list[str]:
    """The names of a corpus's batches, sorted."""
    return sorted(path.stem for path in (corpus / "batches").glob("*.jsonl"))


def read_batch(corpus: Path, name: str) -> tuple[BatchItem, ...]:
    """The items of a batch in the order shown; CorpusError where a line is wrong."""
    path = corpus / "batches" / f"{name}.jsonl"
    if not path.exists():
        known = ", ".join(batch_names(corpus)) or "none yet; `make batch` makes one"
        raise CorpusError(f"{path}: no such batch. Batches of this corpus: {known}.")
    items = []
    for number, record in read_lines(path):
        try:
            fields = stored_fields(record, FORMAT)
            if isinstance(fields["annotators"], str):
                raise TypeError("annotators must be a list")
            items.append(BatchItem(**{**fields, "annotators": tuple(fields["annotators"])}))
        except (KeyError, TypeError, RecordError) as error:
            raise CorpusError(f"{path}:{number}: not a batch item: {in_words(error)}.") from None
    if len({item.asks for item in items}) > 1:
        raise CorpusError(
            f"{path}: some lines ask for labels, some for holders. A batch asks one of them: make "
            "a batch for each."
        )
    return tuple(items)


def write_batch(corpus: Path, name: str, items: Sequence[BatchItem]) -> Path:
    """Freeze a batch under a new name; an existing one is never overwritten."""
    path = new_batch_path(corpus, name)
    write_lines(path, ({"format": FORMAT, **asdict(item)} for item in items))
    return path


def new_batch_path(corpus: Path, name: str) -> Path:
    """Where a new batch will lie; CorpusError where the name is not fit or is taken."""
    path = corpus / "batches" / f"{name}.jsonl"
    if not BATCH_NAME.fullmatch(name):
        raise CorpusError(f"batch name {name!r} must be lower-case letters, digits and hyphens.")
    if path.exists():
        raise CorpusError(f"{path}: exists, and a batch is frozen. Choose another NAME.")
    return path


def annotators_of(items: Iterable[BatchItem]) -> tuple[str, ...]:
    """Everyone a batch asks, in order of first appearance."""
    return tuple(dict.fromkeys(name for item in items for name in item.annotators))


def asks_of(items: Iterable[BatchItem]) -> Asks:
    """What a batch asks; an empty one, or one whose file is missing, asks for labels."""
    return next((item.asks for item in items), "labels")
