"""What a training batch teaches: block by block, where an annotator differed from gold, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from corpus.annotations import current
from corpus.batches import annotators_of
from corpus.codebook import Codebook
from corpus.findings import CorpusError
from corpus.folder import Corpus
from corpus.gold import gold_labels
from corpus.records import Adjudication, Annotation, GoldLabel
from corpus.reliability import first_answers

BLOCK = 20
PASS_MARK = 0.8


@dataclass(frozen=True, slots=True)
class Mistake:
    """A sentence with another stance (or act) than gold; stances as "favor, offer".

    reasons: rules with the reason that adjudicators gave, or that the gold's voters cited.
    """

    sentence_id: str
    text: str
    given: str
    gold: str
    meaning: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Up to ``BLOCK`` answers in a row, in the order shown."""

    n: int
    mistakes: tuple[Mistake, ...]

    @property
    def share(self) -> float:
        """Of the answers, those that were as gold."""
        return (self.n - len(self.mistakes)) / self.n


@dataclass(frozen=True, slots=True)
class Feedback:
    """An annotator's blocks so far. The last complete block counts: training is for learning.

    asked: without skipped sentences, and those that have no gold label any more.
    """

    annotator: str
    asked: int
    blocks: tuple[Block, ...]

    @property
    def answered(self) -> int:
        """Answers in all blocks."""
        return sum(block.n for block in self.blocks)

    def has_passed(self, mark: float) -> bool:
        """True when everything is answered and the last full block reached the mark."""
        full = [block for block in self.blocks if block.n == min(BLOCK, self.asked)]
        return bool(full) and self.answered == self.asked and full[-1].share >= mark


def feedback(corpus: Corpus, batch: str) -> tuple[Feedback, ...]:
    """For each annotator of a training batch; CorpusError for another kind of batch."""
    items = corpus.batches[batch]
    if any(item.kind != "training" for item in items):
        raise CorpusError(
            f"{batch} is no training batch, and hidden checks must stay hidden. `make progress` "
            "has the figures of all batches."
        )
    gold = gold_labels(current(corpus.votes), corpus.adjudications, corpus.codebook).labels
    reasons = _reasons(gold, corpus.adjudications, corpus.codebook)
    answers = {
        (item.annotator, item.sentence_id): item
        for item in first_answers(corpus.annotations.get(batch, ()), corpus.codebook)
    }
    skipped = {
        (item.annotator, item.sentence_id)
        for item in current(corpus.annotations.get(batch, ()))
        if item.status == "skipped"
    }
    found = []
    for annotator in annotators_of(items):
        mine = [
            item.sentence_id
            for item in items
            if annotator in item.annotators
            and item.sentence_id in gold
            and (annotator, item.sentence_id) not in skipped
        ]
        given = [answers[annotator, name] for name in mine if (annotator, name) in answers]
        blocks = tuple(
            _block(given[start : start + BLOCK], gold, reasons, corpus)
            for start in range(0, len(given), BLOCK)
        )
        found.append(Feedback(annotator, len(mine), blocks))
    return tuple(found)


def as_markdown(found: Feedback, mark: float) -> str:
    """A page for the annotator."""
    lines = [f"# Training of {found.annotator}", ""]
    if not found.blocks:
        return "\n".join([*lines, f"Nothing answered yet ({found.asked} to do).", ""])
    for number, block in enumerate(found.blocks, start=1):
        right = block.n - len(block.mistakes)
        lines += [f"## Block {number}: {right} of {block.n} as agreed ({block.share:.0%})", ""]
        for mistake in block.mistakes:
            lines += [
                f"> {' '.join(mistake.text.split())}",
                "",
                f"- You said **{mistake.given}**, agreed is **{mistake.gold}**: {mistake.meaning}",
                *(f"- {reason}" for reason in mistake.reasons),
                "",
            ]
    if found.has_passed(mark):
        end = f"Passed: the last block reached {mark:.0%}."
    elif found.answered < found.asked:
        end = f"{found.asked - found.answered} left."
    else:
        end = f"Not passed: the last block is below {mark:.0%}. Read the rules, try another batch."
    return "\n".join([*lines, end, ""])


def _block(
    answers: Sequence[Annotation],
    gold: Mapping[str, GoldLabel],
    reasons: Mapping[str, tuple[str, ...]],
    corpus: Corpus,
) -> Block:
    meanings = {value.name: value.meaning for value in corpus.codebook.stance.values}
    mistakes = []
    for answer in answers:
        label = gold[answer.sentence_id]
        if answer.stance == label.stance and (label.act is None or answer.act == label.act):
            continue
        mistakes.append(
            Mistake(
                sentence_id=answer.sentence_id,
                text=corpus.sentences[answer.sentence_id].text,
                given=_words(answer.stance, answer.act),
                gold=_words(label.stance, label.act),
                meaning=meanings[label.stance],
                reasons=reasons.get(answer.sentence_id, ()),
            )
        )
    return Block(len(answers), tuple(mistakes))


def _words(stance: str | None, act: str | None) -> str:
    return ", ".join(filter(None, (stance, act)))


def _reasons(
    gold: Mapping[str, GoldLabel], decisions: Iterable[Adjudication], codebook: Codebook
) -> dict[str, tuple[str, ...]]:
    """Sentence -> why: decisions first; without any, the rules that the voters' notes cite."""
    rules = codebook.rule_lines
    found: defaultdict[str, list[str]] = defaultdict(list)
    for decision in decisions:
        if decision.layer in ("stance", "act") and decision.rule in rules:
            found[decision.sentence_id].append(f"{rules[decision.rule]} — {decision.reason}")
    for name, label in gold.items():
        if name not in found:
            found[name] += [rules[rule] for rule in codebook.cited(v.note for v in label.votes)]
    return {name: tuple(dict.fromkeys(texts)) for name, texts in found.items()}
