"""How far is each annotator, and do they still code as agreed? Per person and per week.

Drift shows in hidden items: some with a known gold label, some that the same person coded before.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from corpus.annotations import current
from corpus.batches import BatchItem
from corpus.folder import Corpus
from corpus.gold import gold_labels
from corpus.records import Annotation, Status
from corpus.reliability import first_answers

ENOUGH = 0.8  # agreement below this, on at least FEWEST items, is a warning
FEWEST = 10
DROP = 0.15  # of the last week below the earlier ones
HASTY_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Checked:
    """Of ``n`` hidden items, ``agree`` had the same stance as they should."""

    agree: int = 0
    n: int = 0

    def __add__(self, other: Checked) -> Checked:
        return Checked(self.agree + other.agree, self.n + other.n)

    @property
    def share(self) -> float:
        """0.0 to 1.0; nan without items."""
        return self.agree / self.n if self.n else float("nan")

    @property
    def is_low(self) -> bool:
        """Enough items to say so, and too few alike."""
        return self.n >= FEWEST and self.share < ENOUGH


@dataclass(frozen=True, slots=True)
class Week:
    """What an annotator did in an ISO week (UTC), such as 2026-W47.

    gold: training and hidden gold items; oneself: items coded before, under the same codebook.
    """

    week: str
    done: int
    skipped: int
    hours: float
    gold: Checked
    oneself: Checked


@dataclass(frozen=True, slots=True)
class Progress:
    """An annotator's tasks, one a sentence and batch; ``hours_left`` is None before any is done.

    unfinished: drafts, and answers submitted empty. skip_reasons: the notes on skipped tasks.
    """

    annotator: str
    asked: int
    done: int
    skipped: int
    unfinished: int
    missing: int
    hours: float
    hours_left: float | None
    skip_reasons: Mapping[str, int]
    weeks: tuple[Week, ...]
    warnings: tuple[str, ...]

    @property
    def gold(self) -> Checked:
        """Over all weeks."""
        return sum((week.gold for week in self.weeks), Checked())

    @property
    def oneself(self) -> Checked:
        """Over all weeks."""
        return sum((week.oneself for week in self.weeks), Checked())


def progress(corpus: Corpus) -> tuple[Progress, ...]:
    """Everybody whom a batch asks, by name."""
    asked: defaultdict[str, dict[tuple[str, str], BatchItem]] = defaultdict(dict)
    for batch, items in corpus.batches.items():
        for item in items:
            for annotator in item.annotators:
                asked[annotator][batch, item.sentence_id] = item
    answers: defaultdict[str, dict[tuple[str, str], Annotation]] = defaultdict(dict)
    for batch, stored in corpus.annotations.items():
        for answer in current(stored):
            answers[answer.annotator][batch, answer.sentence_id] = answer
    checks = _checks(corpus, asked)
    return tuple(
        _progress(name, tasks, answers[name], checks[name]) for name, tasks in sorted(asked.items())
    )


def _checks(
    corpus: Corpus, asked: Mapping[str, Mapping[tuple[str, str], BatchItem]]
) -> defaultdict[str, dict[tuple[str, str], tuple[str, bool]]]:
    """Annotator -> task -> (lane, whether the answer was right), first answers only."""
    votes = corpus.votes
    gold = gold_labels(current(votes), corpus.adjudications, corpus.codebook).labels
    before = {
        (item.annotator, item.sentence_id, item.codebook): item.stance
        for item in first_answers(votes, corpus.codebook)
    }
    found: defaultdict[str, dict[tuple[str, str], tuple[str, bool]]] = defaultdict(dict)
    for batch, stored in corpus.annotations.items():
        for answer in first_answers(stored, corpus.codebook):
            task = (batch, answer.sentence_id)
            item = asked.get(answer.annotator, {}).get(task)
            if item is None or item.is_vote:
                continue
            lane = "recode" if item.lane == "recode" else "gold"
            if lane == "recode":
                right = before.get((answer.annotator, answer.sentence_id, answer.codebook))
            else:
                label = gold.get(answer.sentence_id)
                right = label.stance if label else None
            if right is not None:
                found[answer.annotator][task] = (lane, answer.stance == right)
    return found


def _progress(
    annotator: str,
    tasks: Mapping[tuple[str, str], BatchItem],
    answers: Mapping[tuple[str, str], Annotation],
    checks: Mapping[tuple[str, str], tuple[str, bool]],
) -> Progress:
    mine = {task: answers[task] for task in tasks if task in answers}
    statuses = Counter(answer.status for answer in mine.values())
    seconds = [answer.seconds for answer in mine.values() if answer.seconds is not None]
    missing = len(tasks) - statuses["done"] - statuses["skipped"]
    weeks = tuple(_weeks(mine, checks))
    return Progress(
        annotator=annotator,
        asked=len(tasks),
        done=statuses["done"],
        skipped=statuses["skipped"],
        unfinished=statuses["draft"] + statuses["empty"],
        missing=missing,
        hours=sum(seconds) / 3600,
        hours_left=missing * median(seconds) / 3600 if seconds else None,
        skip_reasons=dict(
            Counter(
                answer.note.strip() or "no reason given"
                for answer in mine.values()
                if answer.status == "skipped"
            ).most_common()
        ),
        weeks=weeks,
        warnings=tuple(_warnings(statuses, seconds, weeks)),
    )


def _weeks(
    answers: Mapping[tuple[str, str], Annotation],
    checks: Mapping[tuple[str, str], tuple[str, bool]],
) -> Iterator[Week]:
    """The weeks with answers, oldest first."""
    by_week: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for task, answer in answers.items():
        by_week[_week(answer.given_at)].append(task)
    for name, tasks in sorted(by_week.items()):
        some = [answers[task] for task in tasks]
        statuses = Counter(answer.status for answer in some)
        yield Week(
            week=name,
            done=statuses["done"],
            skipped=statuses["skipped"],
            hours=sum(answer.seconds or 0.0 for answer in some) / 3600,
            gold=_checked(checks[task] for task in tasks if task in checks),
            oneself=_checked((checks[task] for task in tasks if task in checks), lane="recode"),
        )


def _checked(checks: Iterable[tuple[str, bool]], lane: str = "gold") -> Checked:
    found = [is_right for of_lane, is_right in checks if of_lane == lane]
    return Checked(sum(found), len(found))


def _warnings(
    statuses: Counter[Status], seconds: Sequence[float], weeks: Sequence[Week]
) -> Iterator[str]:
    gold = sum((week.gold for week in weeks), Checked())
    oneself = sum((week.oneself for week in weeks), Checked())
    if gold.is_low:
        yield f"agrees with gold on {gold.agree} of {gold.n} checks only: look at them together"
    if oneself.is_low:
        yield f"agrees with their own earlier answers on {oneself.agree} of {oneself.n} only"
    earlier = sum((week.gold for week in weeks[:-1]), Checked())
    last = weeks[-1].gold if weeks else Checked()
    if min(earlier.n, last.n) >= FEWEST and last.share < earlier.share - DROP:
        fall = f"fell to {last.share:.2f} from {earlier.share:.2f}"
        yield f"{weeks[-1].week}: agreement with gold {fall}"
    if len(seconds) >= FEWEST and median(seconds) < HASTY_SECONDS:
        yield f"takes {median(seconds):.1f} s a sentence (median): too fast to read it"
    answered = statuses["done"] + statuses["skipped"]
    if answered >= FEWEST and statuses["skipped"] > answered / 5:
        yield f"skipped {statuses['skipped']} of {answered}: ask why"


def _week(moment: datetime) -> str:
    year, week, _ = moment.isocalendar()
    return f"{year}-W{week:02}"
