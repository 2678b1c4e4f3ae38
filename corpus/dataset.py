"""Gold labels to a Hugging Face dataset: the rows, their identity, and the folder on disk.

The folder has the Hub's layout (``README.md`` card, ``data/PART-….parquet``), so that
``datasets.load_dataset("build/dataset")`` reads it and ``push_to_hub`` takes it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.annotations import current
from corpus.codebook import Codebook
from corpus.cues import read_cues
from corpus.duplicates import SAME_EVENT, clusters, text_clusters
from corpus.files import read_text, write_text
from corpus.findings import CorpusError, in_words
from corpus.folder import Corpus
from corpus.gold import Dispute, gold_labels
from corpus.jsonl import parse_object
from corpus.records import Annotation, Article, GoldLabel, Sentence
from corpus.sentences import neighbours
from corpus.splits import PARTS, linked

if TYPE_CHECKING:
    from datasets import DatasetDict, Features

FORMAT = 1
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Build:
    """What a build made: rows by part (train first), what is disputed, what was left out.

    ``statement``: the first sentence of the corpus's data statement, to stand beside every score;
    ``cues``: the words of the keyword baseline.
    """

    codebook: Codebook
    statement: str
    cues: dict[str, list[str]]
    parts: dict[str, list[Row]]
    disputes: tuple[Dispute, ...]
    withheld: tuple[str, ...]

    @property
    def rows(self) -> list[Row]:
        """The rows of every part."""
        return [row for rows in self.parts.values() for row in rows]

    @property
    def digest(self) -> str:
        """The identity of the data; see ``rows_digest``."""
        return rows_digest(self.parts)


def build_rows(corpus: Corpus, *, publishable: bool = False) -> Build:
    """The rows of every sentence with a gold stance, by part, sorted by sentence id.

    Articles that no split names go to train. ``publishable`` leaves out articles whose licence
    does not allow publication; they are listed as withheld.
    """
    gold = gold_labels(current(corpus.votes), corpus.adjudications, corpus.codebook)
    if not gold.labels:
        raise CorpusError(
            f"{corpus.path}: no sentence has a gold label yet ({len(gold.disputes)} disputed). "
            "Annotate some (`make label-studio`, then `make sync`), or adjudicate."
        )
    cluster_of = clusters(corpus.articles.values())
    around = neighbours(corpus.sentences)
    withheld = [
        article.id
        for article in corpus.articles.values()
        if publishable and not may_be_published(article)
    ]
    parts: dict[str, list[Row]] = {part: [] for part in PARTS}
    for sentence_id, label in gold.labels.items():
        sentence = corpus.sentences[sentence_id]
        article = corpus.articles[sentence.article_id]
        if article.id in withheld:
            continue
        parts[corpus.parts.get(article.id, "train")].append(
            _row(
                sentence,
                article,
                label,
                around=around[sentence_id],
                cluster=cluster_of[article.id],
                target=corpus.codebook.target,
            )
        )
    kept = {part: rows for part, rows in parts.items() if rows}
    if not kept:
        raise CorpusError(f"{corpus.path}: no labelled article has a licence to be published.")
    return Build(
        codebook=corpus.codebook,
        statement=first_statement(corpus.path),
        cues=read_cues(corpus.path, corpus.codebook),
        parts=kept,
        disputes=gold.disputes,
        withheld=tuple(withheld),
    )


def first_statement(corpus: Path) -> str:
    """The first line of prose in ``DATA_STATEMENT.md``, which nobody may overlook; or ""."""
    path = corpus / "DATA_STATEMENT.md"
    lines = read_text(path).splitlines() if path.exists() else []
    return next((line for line in lines if line.strip() and line[0] not in "#-"), "")


def may_be_published(article: Article) -> bool:
    """True when the licence lets anyone publish and change the text: CC0, CC BY, CC BY-SA,
    public domain. A licence with NC or ND does not.
    """
    words = set(re.findall(r"[a-z0-9]+", article.licence.lower()))
    is_open = bool({"cc0"} & words) or {"cc", "by"} <= words or {"public", "domain"} <= words
    return is_open and not {"nc", "nd", "noncommercial", "noderivatives"} & words


def rows_digest(parts: Mapping[str, Sequence[Row]]) -> str:
    """sha256 over canonical rows: the same labels and texts give the same digest everywhere.

    Neither parquet bytes nor the library's fingerprint would do: both change between versions.
    """
    sha = hashlib.sha256()
    for part in sorted(parts):
        for row in sorted(parts[part], key=lambda row: str(row["id"])):
            line = json.dumps([part, row], ensure_ascii=False, sort_keys=True)
            sha.update(line.encode() + b"\n")
    return "sha256:" + sha.hexdigest()


def features(codebook: Codebook) -> Features:
    """The columns; ClassLabel order is codebook order."""
    from datasets import ClassLabel, Features, List, Value

    text, number, flag = Value("string"), Value("int32"), Value("bool")
    acts, topics = codebook.names("act"), codebook.names("topics")
    columns = {
        "id": text,
        "article_id": text,
        "start": number,
        "end": number,
        "text": text,
        "before": text,
        "after": text,
        "title": text,
        "outlet": text,
        "event_date": text,
        "language": text,
        "process": text,
        "cluster": text,
        "synthetic": flag,
        "target": text,
        "target_start": number,
        "target_end": number,
        "stance": ClassLabel(names=list(codebook.names("stance"))),
        "act": ClassLabel(names=list(acts)) if acts else text,
        "topics": List(ClassLabel(names=list(topics)) if topics else text),
        "certain": flag,
        "holders": List(
            {"start": number, "end": number, "actor": text, "stance": text, "act": text}
        ),
        "votes": List(
            {
                "annotator": text,
                "stance": text,
                "act": text,
                "topics": List(text),
                "flags": List(text),
                "seconds": Value("float64"),
            }
        ),
        "how": text,
    }
    return Features(columns)


def to_dataset(build: Build) -> DatasetDict:
    """The build as a ``DatasetDict``: one split a part."""
    from datasets import Dataset, DatasetDict

    columns = features(build.codebook)
    return DatasetDict(
        {part: Dataset.from_list(rows, features=columns) for part, rows in build.parts.items()}
    )


def save_dataset(build: Build, folder: Path) -> None:
    """Write card, manifest and parquet files into an empty folder."""
    from datasets import disable_progress_bars

    disable_progress_bars()  # one bar per part, gone in milliseconds
    (folder / "data").mkdir()
    for part, split in to_dataset(build).items():
        split.to_parquet(folder / "data" / f"{part}-00000-of-00001.parquet")
    manifest = {
        "format": FORMAT,
        "digest": build.digest,
        "codebook": {
            "name": build.codebook.name,
            "version": build.codebook.version,
            "target": build.codebook.target,
            "neutral": build.codebook.neutral,
            "three_way": build.codebook.three_way,
        },
        "statement": build.statement,
        "cues": build.cues,
        "sentences": {part: len(rows) for part, rows in build.parts.items()},
        "articles": {part: articles_of(rows) for part, rows in build.parts.items()},
        "disputed": [asdict(dispute) for dispute in build.disputes],
        "withheld_articles": list(build.withheld),
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    write_text(folder / "manifest.json", text)


@dataclass(frozen=True, slots=True)
class Data:
    """A built dataset as plain rows by part, labels as names; ``names``: layer -> value names."""

    digest: str
    codebook: dict[str, Any]
    statement: str
    cues: dict[str, list[str]]
    names: dict[str, tuple[str, ...]]
    parts: dict[str, list[Row]]


def read_dataset(folder: Path) -> Data:
    """What ``save_dataset`` wrote; CorpusError where it is missing, damaged or not ours."""
    from pyarrow import ArrowException

    path = folder / "manifest.json"
    if not path.exists():
        raise CorpusError(f"{path}: not found. Build the dataset first: make dataset")
    manifest = parse_object(read_text(path), str(path))
    if manifest.get("format") != FORMAT:
        raise CorpusError(f"{path}: format is {manifest.get('format')!r}, expected {FORMAT}.")
    try:
        data = _read_parts(folder, manifest)
    except (KeyError, TypeError, OSError, ArrowException) as error:
        message = f"{folder}: not readable: {in_words(error)}. Build it again: make dataset"
        raise CorpusError(message) from None
    if rows_digest(data.parts) != data.digest:
        raise CorpusError(
            f"{folder}: the rows are not those that {path.name} names. Build it again: make dataset"
        )
    return data


def _read_parts(folder: Path, manifest: Mapping[str, Any]) -> Data:
    from datasets import ClassLabel, Dataset
    from pyarrow.parquet import read_table

    parts: dict[str, list[Row]] = {}
    names: dict[str, tuple[str, ...]] = {}
    for part in manifest["sentences"]:
        data = Dataset(read_table(folder / "data" / f"{part}-00000-of-00001.parquet"))
        labels = {
            name: getattr(data.features[name], "feature", data.features[name]) for name in LABELLED
        }
        names = {
            name: tuple(label.names) if isinstance(label, ClassLabel) else ()
            for name, label in labels.items()
        }
        parts[part] = [_named(row, names) for row in data]
    return Data(
        digest=manifest["digest"],
        codebook=manifest["codebook"],
        statement=manifest["statement"],
        cues=manifest["cues"],
        names=names,
        parts=parts,
    )


LABELLED = ("stance", "act", "topics")


def _named(row: Row, names: Mapping[str, tuple[str, ...]]) -> Row:
    """The row with class numbers turned into names."""
    named = dict(row)
    for layer, values in names.items():
        found = row[layer]
        if values and found is not None:
            named[layer] = [values[n] for n in found] if isinstance(found, list) else values[found]
    return named


def row_groups(rows: Sequence[Row], *, together: Sequence[str] = ()) -> list[str]:
    """Per row the name of its group, which is held out as a whole.

    Rows of one process share it, of near-duplicate articles (copies, and reports that tell one
    event in other words), and of one value of each column in ``together``.
    """
    told = text_clusters(article_texts(rows), levels=(SAME_EVENT,))
    return linked(
        (row["cluster"], row["process"], told[row["article_id"]], *(row[key] for key in together))
        for row in rows
    )


def article_texts(rows: Iterable[Row]) -> dict[str, str]:
    """Article id -> its sentences among the rows, in one text."""
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["article_id"], []).append(row["text"])
    return {name: " ".join(texts) for name, texts in found.items()}


def articles_of(rows: Iterable[Row]) -> int:
    """The number of different articles among the rows."""
    return len({row["article_id"] for row in rows})


def counts(rows: Iterable[Row], layer: str) -> Counter[str]:
    """How often each gold value of a layer occurs; sentences without a gold value do not count."""
    found: Counter[str] = Counter()
    for row in rows:
        value = row[layer]
        found.update(value if isinstance(value, list) else () if value is None else (value,))
    return found


def _row(
    sentence: Sentence,
    article: Article,
    label: GoldLabel,
    *,
    around: tuple[str, str],
    cluster: str,
    target: str,
) -> Row:
    return {
        "id": sentence.id,
        "article_id": article.id,
        "start": sentence.start,
        "end": sentence.end,
        "text": sentence.text,
        "before": around[0],
        "after": around[1],
        "title": article.title,
        "outlet": article.outlet,
        "event_date": article.event_date.isoformat() if article.event_date else None,
        "language": article.language,
        "process": article.process,
        "cluster": cluster,
        "synthetic": article.synthetic,
        "target": target,
        "target_start": None,
        "target_end": None,
        "stance": label.stance,
        "act": label.act,
        "topics": None if label.topics is None else list(label.topics),
        "certain": label.certain,
        "holders": [asdict(holder) for holder in label.holders],
        "votes": [_vote(vote) for vote in label.votes],
        "how": label.how,
    }


def _vote(vote: Annotation) -> Row:
    return {
        "annotator": vote.annotator,
        "stance": vote.stance,
        "act": vote.act,
        "topics": None if vote.topics is None else list(vote.topics),
        "flags": list(vote.flags),
        "seconds": vote.seconds,
    }
