"""The records everything else passes around: frozen, and impossible to make wrong."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Literal, get_args

ARTICLE_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
PSEUDONYM = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

Status = Literal["done", "skipped", "empty", "draft"]
RENAMED = "; renamed in codebook "  # ends the source of an answer in other names than it was given
How = Literal["single", "unanimous", "majority", "adjudicated"]


class RecordError(ValueError):
    """A record was about to be made that must not exist; the message says why."""


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise RecordError(message)


@dataclass(frozen=True, slots=True)
class Article:
    """One report: cleaned text (NFC, newlines only) and what is known about it.

    Offsets elsewhere are Unicode code points, half-open, into ``text``. ``process`` names the
    negotiation it reports on; articles of one process never straddle a split. ``family`` and
    ``kind`` say what sort of report it is, ``sources`` which public facts a written one rests on.
    """

    id: str
    text: str
    title: str = ""
    outlet: str = ""
    event_date: date | None = None
    written_date: date | None = None
    url: str = ""
    language: str = "en"
    process: str = ""
    family: str = ""
    kind: str = ""
    sources: tuple[str, ...] = ()
    licence: str = ""
    synthetic: bool = False
    one_sentence_per_line: bool = False

    def __post_init__(self) -> None:
        _require(
            ARTICLE_ID.fullmatch(self.id) is not None,
            f"article id {self.id!r} must be lower-case letters, digits and single hyphens",
        )
        _require(bool(self.text.strip()), f"article {self.id} has no text")


@dataclass(frozen=True, slots=True)
class Sentence:
    """The unit of annotation: ``text`` stands at ``[start, end)`` of its article."""

    id: str
    article_id: str
    start: int
    end: int
    text: str

    def __post_init__(self) -> None:
        _require(bool(self.text.strip()), f"sentence {self.id} is blank")
        _require(
            0 <= self.start < self.end and self.end - self.start == len(self.text),
            f"sentence {self.id}: [{self.start}, {self.end}) does not fit its text",
        )

    @property
    def digest(self) -> str:
        """sha256 of the text: what a frozen sentence file promises."""
        return text_digest(self.text)


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose stance: a span of the sentence (code points), or implicit (both offsets None)."""

    start: int | None
    end: int | None
    actor: str | None
    stance: str
    act: str | None

    def __post_init__(self) -> None:
        _require((self.start is None) == (self.end is None), "a holder has both offsets or none")
        _require(bool(self.stance), "a holder has a stance")
        if self.start is not None and self.end is not None:
            _require(0 <= self.start < self.end, f"holder span [{self.start}, {self.end}) is empty")


@dataclass(frozen=True, slots=True)
class Annotation:
    """What one annotator said of one sentence.

    ``topics`` is None when the layer was not asked, and empty when the answer was "none of them".
    ``status``: done; skipped (the annotator declined); empty (submitted without a stance);
    draft (not submitted). Only done annotations are votes. ``created_at`` is when this answer was
    given (ISO 8601, UTC), ``seconds`` how long it took, ``source`` where it came from. ``codebook``
    is the version it was given under, and stays that when its names are changed.
    """

    sentence_id: str
    annotator: str
    codebook: str
    stance: str | None
    act: str | None
    topics: tuple[str, ...] | None
    flags: tuple[str, ...]
    note: str
    holders: tuple[Holder, ...]
    status: Status
    created_at: str
    seconds: float | None
    prediction_shown: bool
    source: str

    def __post_init__(self) -> None:
        _require(
            PSEUDONYM.fullmatch(self.annotator) is not None,
            f"annotator {self.annotator!r} must be a pseudonym of lower-case letters, digits and "
            "hyphens, never a name or an e-mail address",
        )
        _require(self.status in get_args(Status), f"status {self.status!r} is unknown")
        _require(
            (self.status != "done") or self.stance is not None, "a done annotation has a stance"
        )
        _require(
            (self.status not in ("skipped", "empty")) or self.stance is None,
            f"a {self.status} annotation has no stance",
        )

    @property
    def given_at(self) -> datetime:
        """``created_at`` in UTC, without saying so; the earliest time where it cannot be read."""
        try:
            found = datetime.fromisoformat(self.created_at)
        except ValueError:
            return datetime.min  # stored lines are checked when they are read
        return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found

    @property
    def origin(self) -> str:
        """``source`` without what renaming added to it."""
        return self.source.partition(RENAMED)[0]

    @property
    def renamed_in(self) -> str:
        """The codebook version that gave the line its names, or "" when the annotator did."""
        return self.source.partition(RENAMED)[2]

    def marked_as_renamed(self, version: str) -> Annotation:
        """The same, with a source that says which version's names these are."""
        return replace(self, source=f"{self.origin}{RENAMED}{version}")

    def says_the_same_as(self, other: Annotation) -> bool:
        """True when only time, duration and provenance differ: nothing new to store."""
        return self._answer() == other._answer()

    def _answer(self) -> tuple[object, ...]:
        topics = None if self.topics is None else frozenset(self.topics)
        return (
            self.sentence_id,
            self.annotator,
            self.status,
            self.stance,
            self.act,
            topics,
            frozenset(self.flags),
            self.note,
            self.holders,
        )


@dataclass(frozen=True, slots=True)
class Adjudication:
    """A decision on one layer of one sentence, with the rule that settles it.

    ``value``: a name for stance and act (None: no value), a tuple of names for topics.
    """

    sentence_id: str
    layer: str
    value: str | tuple[str, ...] | None
    adjudicator: str
    rule: str
    reason: str
    codebook: str

    def __post_init__(self) -> None:
        _require(
            PSEUDONYM.fullmatch(self.adjudicator) is not None,
            f"adjudicator {self.adjudicator!r} must be a pseudonym of lower-case letters, digits "
            "and hyphens, never a name or an e-mail address",
        )
        _require(
            self.layer in ("stance", "act", "topics"), f"layer {self.layer!r} is not adjudicated"
        )
        _require(
            isinstance(self.value, tuple) == (self.layer == "topics"),
            f"the value of layer {self.layer} has the wrong type",
        )


@dataclass(frozen=True, slots=True)
class GoldLabel:
    """What is agreed about one sentence. A layer without agreement is None.

    ``certain``: every vote names this stance and nobody flagged doubt (a flag with ``uncertain``).
    ``holders``: empty when nobody was asked for them, and when the annotators differ on them.
    """

    sentence_id: str
    stance: str
    act: str | None
    topics: tuple[str, ...] | None
    certain: bool
    how: How
    votes: tuple[Annotation, ...]
    holders: tuple[Holder, ...] = ()


def stored_fields(record: Mapping[str, Any], known_format: int) -> dict[str, Any]:
    """A stored record's fields without its format number; RecordError for another format.

    Every record of a corpus folder that speaks of a sentence names it under ``sentence_id``.
    """
    fields = dict(record)
    if fields.pop("format") != known_format:
        raise RecordError(f"format is not {known_format}")
    if not isinstance(fields["sentence_id"], str):
        raise TypeError("sentence_id must be text")
    return fields


def text_digest(text: str) -> str:
    """sha256 of the UTF-8 text, as every format of this project stores it."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
