"""What a new codebook means for answers given under an older one.

A renamed or merged value has another name in the same answer. A recoded one needs a person again;
until then the old answer holds as far as its values still exist. Anything else that the codebook
no longer has is in the way. An answer's codebook stays the version under which a person gave it,
so that agreement is counted and values are recoded by what the annotator had read.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from corpus.annotations import current
from corpus.batches import BatchItem
from corpus.checks import e309_stance_of_holders, e310_act_of_holders, e311_mixed_needs_two
from corpus.cli import count
from corpus.codebook import Recode
from corpus.findings import Finding
from corpus.folder import Corpus
from corpus.records import Adjudication, Annotation
from corpus.renamed import is_known, names_in, names_in_decision, renamed, renamed_decision
from corpus.second_pass import outdated

# (layer, value, where, what) -> how many. where: a project, or "" for the corpus folder.
Uses = Counter[tuple[str, str, str, str]]


@dataclass(frozen=True, slots=True)
class Migration:
    """What is to be done in a corpus folder.

    lines, by batch, and decisions are to be appended: the same answers in today's names, after
    those that came from Label Studio just now. waiting: the answers that need a person again and
    are in no batch yet, each with the reason; holders: likewise those of a second pass.
    """

    fresh: int
    lines: Mapping[str, tuple[Annotation, ...]]
    decisions: tuple[Adjudication, ...]
    waiting: tuple[tuple[Annotation, Recode], ...]
    holders: tuple[tuple[Annotation, Recode], ...]


def plan_migration(corpus: Corpus, fresh: Mapping[str, Sequence[Annotation]]) -> Migration:
    """What the corpus's codebook asks for; nothing when it has been done before.

    fresh: by batch, answers that are not stored yet, in the names they were given in.
    """
    book = corpus.codebook
    corpus = replace(
        corpus,
        annotations={
            batch: [*corpus.annotations.get(batch, ()), *fresh.get(batch, ())]
            for batch in sorted({*corpus.annotations, *fresh})
        },
    )
    lines = {
        batch: (
            *fresh.get(batch, ()),
            *(
                new.marked_as_renamed(book.version)
                for item in current(stored)
                if (new := renamed(item, book)) is not item
            ),
        )
        for batch, stored in corpus.annotations.items()
    }
    decisions = [(item, renamed_decision(item, book)) for item in _latest(corpus)]
    return Migration(
        fresh=sum(map(len, fresh.values())),
        lines={batch: found for batch, found in lines.items() if found},
        decisions=tuple(new for old, new in decisions if new is not old),
        waiting=tuple(_waiting(corpus)),
        holders=tuple(outdated(corpus)),
    )


def stored_uses(corpus: Corpus) -> tuple[Uses, Uses]:
    """The names in stored answers and decisions that hold: those that were renamed, and those
    that nothing explains.
    """
    old, unknown = Uses(), Uses()
    found = [
        (pair, "" if item.status == "draft" else item.codebook, "stored line")
        for stored in corpus.annotations.values()
        for item in current(stored)
        for pair in names_in(item)
    ]
    found += [
        (pair, decision.codebook, "decision")
        for decision in _latest(corpus)
        for pair in names_in_decision(decision)
    ]
    for (layer, value), version, what in found:
        if (layer, value) in corpus.codebook.new_names:
            old[layer, value, "", what] += 1
        elif not is_known(corpus.codebook, layer, value, version):
            unknown[layer, value, "", what] += 1
    return old, unknown


def by_value(uses: Uses) -> dict[tuple[str, str], str]:
    """(layer, value) -> where it is in use, in words.

    >>> by_value(Uses({("act", "pay", "", "line"): 1, ("act", "pay", "project 7", "draft"): 3}))
    {('act', 'pay'): '3 drafts in project 7, 1 line'}
    """
    places: defaultdict[tuple[str, str], defaultdict[str, list[str]]]
    places = defaultdict(lambda: defaultdict(list))
    for (layer, value, where, what), number in uses.items():
        places[layer, value][where].append(count(number, what))
    return {
        pair: ", ".join(
            " and ".join(parts) + (f" in {where}" if where else "")
            for where, parts in sorted(found.items(), key=lambda item: (not item[0], item[0]))
        )
        for pair, found in sorted(places.items())
    }


def described(corpus: Corpus, plan: Migration, old: Uses) -> list[str]:
    """The plan in lines; none where there is nothing to do. old: the uses of former names."""
    book = corpus.codebook
    lines = [
        f"{layer} {value} is {book.new_names[layer, value]} now: {where}"
        for (layer, value), where in by_value(old).items()
    ]
    for recode, n, shown in _by_recode(plan.waiting):
        noun = count(n, "answer")
        lines.append(
            f"{recode.layer} {recode.value}, {noun} to be given again ({shown}): {recode.reason}"
        )
    for recode, n, shown in _by_recode(plan.holders):
        lines.append(
            f"{recode.layer} {recode.value}, holders of {count(n, 'answer')} to be marked again "
            f"({shown}): {recode.reason}. They count no more; `make batch` with ARGS=--holders "
            "asks again where no labels wait."
        )
    return lines


def _by_recode(
    answers: Iterable[tuple[Annotation, Recode]],
) -> Iterator[tuple[Recode, int, str]]:
    """Of each recode how many answers it is about, and whose."""
    found: dict[tuple[str, str, str], tuple[Recode, Counter[str]]] = {}
    for answer, recode in answers:
        key = (recode.layer, recode.value, recode.reason)
        found.setdefault(key, (recode, Counter()))[1][answer.annotator] += 1
    for recode, names in found.values():
        shown = ", ".join(f"{name} {number:,}" for name, number in sorted(names.items()))
        yield recode, names.total(), shown


def refusals(corpus: Corpus, unknown: Uses) -> list[Finding]:
    """One error for each value that is in use and was removed without a word."""
    return [
        Finding(
            str(corpus.path / "codebook.toml"),
            "E341",
            f"{layer} {value!r} is in use, but not in codebook {corpus.codebook.version}: "
            f"{where}. Put it back, or say in [[renames]] what it is called now, or in [[recode]] "
            "why a person has to look again. Nothing was changed.",
        )
        for (layer, value), where in by_value(unknown).items()
    ]


def contradictions(corpus: Corpus, plan: Migration) -> list[Finding]:
    """A warning when answers in today's names no longer follow from their holders."""
    changed = replace(corpus, annotations={name: list(new) for name, new in plan.lines.items()})
    checks = (e309_stance_of_holders, e310_act_of_holders, e311_mixed_needs_two)
    codes = Counter(finding.code for check in checks for finding in check(changed))
    if not codes:
        return []
    shown = ", ".join(f"{number:,} {code}" for code, number in sorted(codes.items()))
    message = (
        f"in today's names some answers do not follow from their holders ({shown}). "
        "`make corpus-check` lists them."
    )
    return [Finding(str(corpus.path / "annotations"), "W350", message)]


def review_items(corpus: Corpus, waiting: Iterable[tuple[Annotation, Recode]]) -> list[BatchItem]:
    """A batch of exactly the sentences that wait, each for those whose answers wait."""
    asked: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for answer, _ in waiting:
        asked[answer.sentence_id][answer.annotator] = None
    return [
        BatchItem(name, tuple(sorted(asked[name])), kind="review")
        for name in corpus.sentences
        if name in asked
    ]


def _latest(corpus: Corpus) -> list[Adjudication]:
    """The decisions that hold."""
    return list({(item.sentence_id, item.layer): item for item in corpus.adjudications}.values())


def _waiting(corpus: Corpus) -> Iterator[tuple[Annotation, Recode]]:
    """The votes with a recoded value, unless their annotator has been asked again already."""
    book = corpus.codebook
    if not book.recode:
        return
    settled = corpus.settled
    asked = {
        (item.sentence_id, annotator)
        for batch, items in corpus.batches.items()
        for item in items
        if item.is_vote and item.asks == "labels"
        for annotator in item.annotators
        if (batch, item.sentence_id, annotator) not in settled
    }
    for vote in current(corpus.votes):
        if vote.status != "done" or (vote.sentence_id, vote.annotator) in asked:
            continue
        for layer, value in names_in(renamed(vote, book)):
            found = book.recoded(layer, value, vote.codebook)
            if found is not None:
                yield vote, found
                break
