"""Whose stance is it: which holders two annotators both found, and the stance that follows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from corpus.codebook import Codebook, Recode, StanceValue
from corpus.records import Annotation, Holder
from corpus.renamed import names_in, renamed


def matched(
    left: Sequence[Holder], right: Sequence[Holder], *, exact: bool = False
) -> list[tuple[Holder, Holder]]:
    """Pairs of holders whose spans overlap (``exact``: are equal), each holder at most once.

    The longest overlap is paired first; among equals, holders of one actor, then those that stand
    first. An implicit holder matches an implicit one.
    """
    candidates = []
    for i, one in enumerate(left):
        for j, other in enumerate(right):
            common = _overlap(one, other)
            is_equal = (one.start, one.end) == (other.start, other.end)
            if common and (is_equal or not exact):
                same_actor = one.actor is not None and one.actor == other.actor
                candidates.append((-common, not same_actor, i, j))
    pairs: dict[int, int] = {}
    for _, _, i, j in sorted(candidates):
        if i not in pairs and j not in pairs.values():
            pairs[i] = j
    return [(left[i], right[j]) for i, j in sorted(pairs.items())]


def agree(left: Sequence[Holder], right: Sequence[Holder]) -> bool:
    """True when every holder has its match on the other side, with the same stance."""
    pairs = matched(left, right)
    return len(pairs) == len(left) == len(right) and all(a.stance == b.stance for a, b in pairs)


def voting(holders: Iterable[Holder], codebook: Codebook) -> tuple[Holder, ...]:
    """The holders with a position; one without does not vote on the sentence's stance."""
    return tuple(holder for holder in holders if holder.stance != codebook.neutral)


def stance_of(holders: Iterable[Holder], codebook: Codebook) -> str | None:
    """The stance of a sentence with these holders.

    All alike: theirs. Nobody with a position: the neutral value. Differing: the value for that, or
    None in a codebook that has none.
    """
    stances = {holder.stance for holder in voting(holders, codebook)}
    if len(stances) > 1:
        return mixed_value(codebook)
    return stances.pop() if stances else codebook.neutral


def mixed_value(codebook: Codebook) -> str | None:
    """The stance value for holders who differ, or None.

    It is the one value that is a stance, but on neither side and no single act: not neutral,
    ``three_way = "none"``, and without ``asks_act``.
    """
    found = [
        value.name
        for value in codebook.stance.values
        if not value.neutral and value.three_way == "none" and not value.asks_act
    ]
    return found[0] if len(found) == 1 else None


def stance_problem(item: Annotation, codebook: Codebook) -> str | None:
    """What is wrong between the stance and the holders, in words, or None."""
    expected = stance_of(item.holders, codebook)
    if expected in (None, item.stance) or item.stance == mixed_value(codebook):
        return None
    shown = ", ".join(holder.stance for holder in item.holders)
    return (
        f"the holders ({shown}) make it {expected}, but the stance is {item.stance}. Correct one "
        "of them."
    )


def act_problem(item: Annotation, codebook: Codebook) -> str | None:
    """What is wrong between the act and those of the holders with the stance, or None.

    Labels without an act, as imported ones may be, contradict none.
    """
    holders = voting(item.holders, codebook)
    acts = {holder.act for holder in holders if holder.stance == item.stance}
    if item.stance not in codebook.asking_act or not acts or item.act in {None, *acts}:
        return None
    shown = ", ".join(sorted(act or "none" for act in acts))
    return f"the act is {item.act}, but the holders' is {shown}. Correct one of them."


def mixed_problem(item: Annotation, codebook: Codebook) -> str | None:
    """What a mixed stance lacks, or None."""
    mixed = mixed_value(codebook)
    if item.stance != mixed or mixed == stance_of(item.holders, codebook):
        return None
    return f"{mixed} needs two holders with different stances. Mark the other."


def contradiction(item: Annotation, codebook: Codebook) -> str | None:
    """What is wrong between the holders and the stance and act, in words, or None."""
    for problem_of in (mixed_problem, stance_problem, act_problem):
        if problem := problem_of(item, codebook):
            return problem
    return None


def recoded_since(answer: Annotation, codebook: Codebook) -> Recode | None:
    """Why the holders of an answer have to be marked again, or None."""
    for holder in renamed(answer, codebook).holders:
        for layer, value in (("stance", holder.stance), ("act", holder.act)):
            if value and (found := codebook.recoded(layer, value, answer.codebook)):
                return found
    return None


def are_labels_waiting(item: Annotation, codebook: Codebook) -> bool:
    """True when the labels of an answer have to be given again, whatever its holders are."""
    names = names_in(renamed(replace(item, holders=()), codebook))
    return any(codebook.recoded(layer, value, item.codebook) for layer, value in names)


def misfit(answer: Annotation, labels: Annotation | None, codebook: Codebook) -> str | None:
    """Why the holders of a second-pass answer do not stand on its annotator's labels, or None.

    Note, flags and topics may be others than when the holders were marked.
    """
    if labels is None or labels.status != "done":
        return "there are no labels of the first pass for them to stand on. Bring those back."
    if found := recoded_since(answer, codebook):
        return (
            f"they name {found.layer} {found.value}, to be looked at again since codebook "
            f"{found.version} ({found.reason}). `make batch` with ARGS=--holders asks again."
        )
    return contradiction(replace(labels, holders=answer.holders), codebook)


def positions(codebook: Codebook) -> tuple[StanceValue, ...]:
    """The stance values that one holder can have: neither neutral nor that of holders who differ.

    A holder without a position needs no mark.
    """
    left_out = (codebook.neutral, mixed_value(codebook))
    return tuple(value for value in codebook.stance.values if value.name not in left_out)


def _overlap(left: Holder, right: Holder) -> int:
    """Shared code points; 1 for two implicit holders."""
    if left.start is None or left.end is None or right.start is None or right.end is None:
        return int(left.start is None and right.start is None)
    return max(0, min(left.end, right.end) - max(left.start, right.start))
