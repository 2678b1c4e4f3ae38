"""An answer of an older codebook in today's names, and what of it still stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from corpus.codebook import Codebook
from corpus.records import Adjudication, Annotation, Holder


def names_in(annotation: Annotation) -> list[tuple[str, str]]:
    """(layer, value) of everything that an answer names, its holders included; each once."""
    found: list[tuple[str, str | None]] = [
        ("stance", annotation.stance),
        ("act", annotation.act),
        *(("topics", name) for name in annotation.topics or ()),
        *(("flags", name) for name in annotation.flags),
    ]
    for holder in annotation.holders:
        found += [("stance", holder.stance), ("act", holder.act)]
    return [(layer, name) for layer, name in dict.fromkeys(found) if name is not None]


def names_in_decision(decision: Adjudication) -> list[tuple[str, str]]:
    """(layer, value) of everything that a decision names."""
    value = decision.value
    names = value if isinstance(value, tuple) else () if value is None else (value,)
    return [(decision.layer, name) for name in names]


def is_known(codebook: Codebook, layer: str, value: str, given_under: str) -> bool:
    """True when an answer of that version may have the value: it is there, or was retired later."""
    return value in codebook.names(layer) + codebook.retired(layer, given_under)


def in_todays_names(layer: str, names: Iterable[str], codebook: Codebook) -> tuple[str, ...]:
    """The names of one answer to one layer; two that are one value now collapse.

    In codebook order, names that it does not have last; as they are where none was renamed.
    """
    given = tuple(names)
    new = dict.fromkeys(codebook.new_names.get((layer, name), name) for name in given)
    if tuple(new) == given:
        return given
    order = {name: place for place, name in enumerate(codebook.names(layer))}
    return tuple(sorted(new, key=lambda name: order.get(name, len(order))))


def renamed(annotation: Annotation, codebook: Codebook) -> Annotation:
    """The answer in today's names; the very same object where no name of it was changed.

    An act goes where the new stance asks for none.
    """
    new = codebook.new_names
    if not new or not any(pair in new for pair in names_in(annotation)):
        return annotation
    stance = _one("stance", annotation.stance, codebook)
    topics = annotation.topics
    return replace(
        annotation,
        stance=stance,
        act=_act(annotation.stance, stance, annotation.act, codebook),
        topics=None if topics is None else in_todays_names("topics", topics, codebook),
        flags=in_todays_names("flags", annotation.flags, codebook),
        holders=tuple(_holder(holder, codebook) for holder in annotation.holders),
    )


def renamed_decision(decision: Adjudication, codebook: Codebook) -> Adjudication:
    """The decision in today's names; the very same object where no name of it was changed."""
    if not any(pair in codebook.new_names for pair in names_in_decision(decision)):
        return decision
    if isinstance(decision.value, tuple):
        names = in_todays_names(decision.layer, decision.value, codebook)
        return replace(decision, value=names)
    return replace(decision, value=_one(decision.layer, decision.value, codebook))


def standing(annotations: Iterable[Annotation], codebook: Codebook) -> Iterator[Annotation]:
    """What of answers still counts, where values of theirs are gone and wait for a person.

    Without its stance an answer does not count; without another value that layer is not answered.
    """
    for item in annotations:
        lost = [
            layer
            for layer, value in (names_in(item) if codebook.recode else ())
            if value in codebook.retired(layer, item.codebook)
        ]
        if not lost:
            yield item
        elif item.stance not in codebook.retired("stance", item.codebook):
            yield replace(
                item,
                act=None if "act" in lost else item.act,
                topics=None if "topics" in lost else item.topics,
                flags=tuple(name for name in item.flags if name in codebook.names("flags")),
                holders=() if {"stance", "act"} & set(lost) else item.holders,
            )


def standing_decisions(
    decisions: Iterable[Adjudication], codebook: Codebook
) -> Iterator[Adjudication]:
    """Those that name no recoded value: the others have to be made again."""
    for item in decisions:
        pairs = names_in_decision(item)
        if not any(codebook.recoded(layer, value, item.codebook) for layer, value in pairs):
            yield item


def _one(layer: str, name: str | None, codebook: Codebook) -> str | None:
    return None if name is None else codebook.new_names.get((layer, name), name)


def _act(was: str | None, stance: str | None, act: str | None, codebook: Codebook) -> str | None:
    is_asked = stance == was or stance in codebook.asking_act
    return _one("act", act, codebook) if is_asked else None


def _holder(holder: Holder, codebook: Codebook) -> Holder:
    stance = codebook.new_names.get(("stance", holder.stance), holder.stance)
    act = _act(holder.stance, stance, holder.act, codebook)
    return replace(holder, stance=stance, act=act)
