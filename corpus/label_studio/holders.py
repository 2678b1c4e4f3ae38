"""Second-pass answers: marked regions as holders, on the labels that the annotator has coded.

A region is several items of a result with one id: ``holder`` with the span and the stance, and, if
chosen, ``holder_act`` and ``holder_actor``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from corpus.actors import by_mention, resolve
from corpus.codebook import Codebook
from corpus.findings import short
from corpus.folder import Corpus
from corpus.holders import are_labels_waiting, contradiction, positions
from corpus.label_studio.answers import Answer, Say, seconds_of, source_of, utc
from corpus.label_studio.holders_page import HOLDER, HOLDER_ACT, HOLDER_ACTOR, NOT_NAMED, shown
from corpus.label_studio.interface import OBJECT
from corpus.label_studio.offsets import span_of
from corpus.label_studio.results import FaultError, is_storable, items_of, names_in
from corpus.records import Annotation, Holder
from corpus.renamed import is_known
from corpus.versions import version_order

KINDS = {HOLDER: "labels", HOLDER_ACT: "choices", HOLDER_ACTOR: "text"}


def holders_record(
    answer: Answer, corpus: Corpus, labels: Annotation | None, say: Say
) -> Annotation:
    """What a second-pass answer says: its annotator's labels, with holders; FaultError otherwise.

    labels: the annotator's current answer of the first pass. A skipped answer and a draft say
    nothing but that.
    """
    if not is_storable(source_of(answer)):
        raise FaultError("E329", "its id holds half a character. Export the project again.")
    if answer.is_draft or answer.raw.get("was_cancelled") is True:
        return Annotation(
            sentence_id=answer.sentence_id,
            annotator=answer.annotator,
            codebook=answer.codebook,
            stance=None,
            act=None,
            topics=None,
            flags=(),
            note="",
            holders=(),
            status="draft" if answer.is_draft else "skipped",
            created_at=utc(answer.given),
            seconds=seconds_of(answer.raw.get("lead_time")),
            prediction_shown=False,
            source=source_of(answer),
        )
    if labels is None or labels.status != "done":
        raise FaultError(
            "E346",
            f"{answer.annotator} has marked holders on sentence {answer.sentence_id}, but has no "
            "labels for it. Bring those in first (`make sync` without BATCH), or skip the task.",
        )
    is_newer = version_order(answer.codebook) > version_order(labels.codebook)
    if is_newer and are_labels_waiting(labels, corpus.codebook):
        raise FaultError(
            "W352",
            f"{answer.annotator} on {answer.sentence_id}: the labels, of codebook "
            f"{labels.codebook}, have to be given again first (`make migrate` says why). The "
            "holders are stored by the sync after that.",
        )
    holders = holders_of(answer, corpus, say)
    if not holders:
        raise FaultError(
            "E347",
            "submitted without a holder. Mark one (the line below the sentence is for those it "
            "does not name), or skip the task.",
        )
    is_later = answer.given.replace(tzinfo=None) > labels.given_at
    record = replace(
        labels,
        codebook=answer.codebook,  # of the holders: a value of theirs may be recoded later
        holders=holders,
        created_at=utc(answer.given) if is_later else labels.created_at,
        seconds=seconds_of(answer.raw.get("lead_time")),
        source=source_of(answer),
    )
    if problem := contradiction(record, corpus.codebook):
        raise FaultError(
            "W352",
            f"{answer.annotator} on {answer.sentence_id}: {problem} The holders are here, the "
            "labels in the first pass; until they agree, the labels stand alone and the task "
            "counts as missing.",
        )
    return record


def holders_of(answer: Answer, corpus: Corpus, say: Say) -> tuple[Holder, ...]:
    """The marked holders in the order of the sentence, those it does not name last.

    A name that means no actor, or several, is said, and its holder has none.
    """
    sentence = corpus.sentences[answer.sentence_id]
    regions: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for _, item in items_of(answer.raw.get("result"), KINDS):
        regions[str(item.get("id"))].append(item)
    found = []
    for items in regions.values():
        region = _region(items, corpus.codebook, answer.codebook)
        start, end = _span(region, sentence.text)
        act = region.act
        if act is not None and region.stance not in corpus.codebook.asking_act:
            say(
                answer.task,
                "W343",
                f"act {act!r} is ignored: it is not asked when the stance is {region.stance}.",
            )
            act = None
        day = corpus.articles[sentence.article_id].event_date
        actor = _actor(region.actor, day, corpus)
        if region.actor and actor is None:
            say(
                answer.task,
                "W353",
                f"{short(region.actor)} names no actor, or several, on {day}: that holder is "
                "stored without one. Correct it in Label Studio, or add it to actors.toml.",
            )
        found.append(Holder(start, end, actor, region.stance, act))
    return tuple(sorted(found, key=_place))


def regions_of(holders: Iterable[Holder], text: str) -> list[dict[str, Any]]:
    """Holders in Label Studio's form: what ``holders_of`` reads back."""
    result: list[dict[str, Any]] = []
    for number, holder in enumerate(holders):
        start, end = holder.start, holder.end
        if start is None or end is None:
            start, end = len(text) + 1, len(text) + 1 + len(NOT_NAMED)
        where = {"start": start, "end": end}
        region = {"id": f"holder-{number}", "to_name": OBJECT}
        words = where | {"text": shown(text)[start:end]}
        stance = {"type": "labels", "value": words | {"labels": [holder.stance]}}
        result.append(region | {"from_name": HOLDER} | stance)
        if holder.act is not None:
            act = {"type": "choices", "value": words | {"choices": [holder.act]}}
            result.append(region | {"from_name": HOLDER_ACT} | act)
        if holder.actor is not None:
            actor = {"type": "textarea", "value": where | {"text": [holder.actor]}}
            result.append(region | {"from_name": HOLDER_ACTOR} | actor)
    return result


@dataclass(frozen=True, slots=True)
class _Region:
    """One marked region: the value of its span as Label Studio has it, and what was chosen."""

    value: Mapping[str, Any]
    stance: str
    act: str | None
    actor: str


def _region(items: Iterable[Mapping[str, Any]], book: Codebook, version: str) -> _Region:
    """The items of one region together; FaultError where it is not one holder.

    version: that of the codebook it was marked under.
    """
    values: dict[str, Mapping[str, Any]] = {}
    names: defaultdict[str, list[str]] = defaultdict(list)
    for item in items:
        control = item["from_name"]
        values[control] = item["value"]
        names[control] += names_in(item, KINDS[control])
    stances, acts = names[HOLDER], names[HOLDER_ACT]
    if len(stances) != 1 or len(acts) > 1:
        found = ", ".join(stances + acts) or "nothing"
        raise FaultError(
            "E348", f"a holder has one stance and at most one act; found {found}. Mark it again."
        )
    for layer, chosen in (("stance", stances), ("act", acts)):
        for name in chosen:
            if not is_known(book, layer, name, version):
                raise FaultError("E328", book.unknown(layer, name))
    known = [value.name for value in positions(book)] + list(book.retired("stance", version))
    if stances[0] not in known:
        raise FaultError(
            "E349",
            f"one holder cannot be {stances[0]}; expected {', '.join(known)}. Mark it again.",
        )
    actor = " ".join(" ".join(names[HOLDER_ACTOR]).split())
    return _Region(values[HOLDER], stances[0], acts[0] if acts else None, actor)


def _actor(name: str, day: date | None, corpus: Corpus) -> str | None:
    """The id of whom an annotator named, by id, name or alias; None without a name or a match."""
    if not name or name in corpus.actors:
        return name or None
    return resolve(name, day, by_mention(corpus.actors.values()))


def _span(region: _Region, text: str) -> tuple[int, int] | tuple[None, None]:
    """Where in the sentence the holder stands; (None, None) on the line below it."""
    start, end, words = (region.value.get(key) for key in ("start", "end", "text"))
    if type(start) is not int or type(end) is not int or not isinstance(words, str):
        raise FaultError("E345", f"a region without offsets and text: {short(region.value)}.")
    try:
        first, last = span_of(shown(text), start, end, words)
    except ValueError as error:
        raise FaultError(
            "E345", f"a marked region does not fit the sentence: {error}. Mark it again."
        ) from None
    if first < len(text) < last:
        raise FaultError(
            "E345", f"{short(words)} reaches beyond the sentence. Mark words of it, or of the line."
        )
    return (first, last) if last <= len(text) else (None, None)


def _place(holder: Holder) -> tuple[bool, int, int, str, str, str]:
    """By span, implicit ones last; then by what is said, so that no order of marking matters."""
    start, end = (-1 if at is None else at for at in (holder.start, holder.end))
    return start < 0, start, end, holder.stance, holder.actor or "", holder.act or ""
