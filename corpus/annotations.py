"""Stored annotations: a file a batch that only grows, and what holds of it now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from corpus.findings import CorpusError, Finding, in_words
from corpus.jsonl import append_lines, read_lines
from corpus.records import Adjudication, Annotation, Holder, RecordError, stored_fields

FORMAT = 1


def annotation_path(corpus: Path, batch: str) -> Path:
    """Where a batch's annotations are stored."""
    return corpus / "annotations" / f"{batch}.jsonl"


def read_annotations(corpus: Path, batch: str) -> list[Annotation]:
    """Every line of a batch's file, superseded ones included, oldest first."""
    path = annotation_path(corpus, batch)
    if not path.exists():
        return []
    annotations, findings = [], []
    for number, record in read_lines(path):
        try:
            annotations.append(annotation_from_dict(record))
        except (KeyError, TypeError, ValueError, RecordError) as error:
            message = f"not an annotation: {in_words(error)}."
            findings.append(Finding(f"{path}:{number}", "E201", message))
    if findings:
        raise CorpusError(findings)
    return annotations


def current(annotations: Iterable[Annotation]) -> list[Annotation]:
    """One annotation per sentence and annotator: the latest line, in order of first appearance."""
    latest: dict[tuple[str, str], Annotation] = {}
    for annotation in annotations:
        latest[annotation.sentence_id, annotation.annotator] = annotation
    return list(latest.values())


def new_lines(stored: Iterable[Annotation], pulled: Iterable[Annotation]) -> list[Annotation]:
    """Those pulled annotations that say something the stored ones do not say yet.

    A draft never supersedes a submitted answer: the annotator may still throw it away. Nor does a
    skipped or empty answer supersede a done one from another source.
    """
    known = {(item.sentence_id, item.annotator): item for item in current(stored)}
    new = []
    for annotation in pulled:
        key = (annotation.sentence_id, annotation.annotator)
        old = known.get(key)
        if old is not None and (
            old.says_the_same_as(annotation) or not _supersedes(annotation, old)
        ):
            continue
        known[key] = annotation
        new.append(annotation)
    return new


def _supersedes(new: Annotation, old: Annotation) -> bool:
    if new.status == "draft":
        return old.status == "draft"
    return new.status == "done" or old.status != "done" or origin(new) == origin(old)


def origin(annotation: Annotation) -> str:
    """Where the answer came from, without the row of a sheet, which moves when one is inserted."""
    return annotation.origin.rsplit("#", 1)[0]


def from_elsewhere(stored: Iterable[Annotation], pulled: Iterable[Annotation]) -> list[Annotation]:
    """Those pulled annotations that differ from a stored done answer of another source."""
    known = {(item.sentence_id, item.annotator): item for item in current(stored)}
    rivals = []
    for annotation in pulled:
        old = known.get((annotation.sentence_id, annotation.annotator))
        if old is None or old.status != "done" or origin(old) == origin(annotation):
            continue
        if not old.says_the_same_as(annotation):
            rivals.append(annotation)
    return rivals


def append_annotations(corpus: Path, batch: str, annotations: Iterable[Annotation]) -> None:
    """Add lines to a batch's file; all of them or, on any failure, none."""
    append_lines(annotation_path(corpus, batch), map(annotation_to_dict, annotations))


def annotation_to_dict(annotation: Annotation) -> dict[str, Any]:
    """The stored form, with its format number first."""
    return {"format": FORMAT, **asdict(annotation)}


def annotation_from_dict(record: Mapping[str, Any]) -> Annotation:
    """The record of a stored line; KeyError, TypeError, ValueError or RecordError if wrong."""
    fields = stored_fields(record, FORMAT)
    for key in ("annotator", "codebook", "note", "created_at", "source"):
        if not isinstance(fields[key], str):
            raise TypeError(f"{key} must be text")
    datetime.fromisoformat(fields["created_at"])  # ValueError says what is wrong with it
    if not isinstance(fields["seconds"], int | float | None):
        raise TypeError("seconds must be a number")
    topics = fields["topics"]
    fields["topics"] = None if topics is None else tuple(topics)
    fields["flags"] = tuple(fields["flags"])
    fields["holders"] = tuple(Holder(**holder) for holder in fields["holders"])
    return Annotation(**fields)


def read_adjudications(corpus: Path) -> list[Adjudication]:
    """The decisions of ``adjudications.jsonl``, oldest first; a later one supersedes."""
    path = corpus / "adjudications.jsonl"
    if not path.exists():
        return []
    decisions, findings = [], []
    for number, record in read_lines(path):
        try:
            fields = stored_fields(record, FORMAT)
            value = fields.pop("value")
            value = tuple(value) if isinstance(value, list) else value
            decisions.append(Adjudication(value=value, **fields))
        except (KeyError, TypeError, RecordError) as error:
            message = f"not an adjudication: {in_words(error)}."
            findings.append(Finding(f"{path}:{number}", "E211", message))
    if findings:
        raise CorpusError(findings)
    return decisions


def append_adjudications(corpus: Path, decisions: Iterable[Adjudication]) -> None:
    """Add lines to ``adjudications.jsonl``; all of them or, on any failure, none."""
    append_lines(
        corpus / "adjudications.jsonl",
        ({"format": FORMAT, **asdict(decision)} for decision in decisions),
    )
