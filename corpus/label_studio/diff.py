"""What a project holds beside what its batch asks for: new, unchanged, changed, orphaned tasks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpus.findings import Finding, listed

# A labelled task keeps what it was labelled under: the codebook's version, and in a second pass the
# line that says what was coded in the first.
KEPT = ("codebook", "coded")


@dataclass(frozen=True, slots=True)
class PresentTask:
    """A task as the server has it; a skipped one is labelled, one with a mere draft is not."""

    id: int
    data: Mapping[str, Any]
    is_labeled: bool

    @property
    def sentence_id(self) -> str | None:
        """None where the task carries none."""
        found = self.data.get("sentence_id")
        return found if isinstance(found, str) else None


@dataclass(frozen=True, slots=True)
class Change:
    """A task whose data are not what the corpus says; ``data`` is what they should be."""

    task: PresentTask
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Diff:
    """What sync has to do in a project, and what it must leave alone.

    ``new``: wanted tasks, in import form, that are not there. ``changed``: to be put right.
    ``kept``: labelled, so they stay as they are: a label must not come to stand on another text.
    ``orphaned``: nobody asks for them (any longer), or a second task of one sentence.
    """

    new: tuple[dict[str, Any], ...]
    unchanged: int
    changed: tuple[Change, ...]
    kept: tuple[PresentTask, ...]
    orphaned: tuple[PresentTask, ...]

    def __str__(self) -> str:
        kept = f", {len(self.kept):,} changed but labelled (kept)" if self.kept else ""
        return (
            f"{len(self.new):,} new, {self.unchanged:,} unchanged, {len(self.changed):,} changed"
            f"{kept}, {len(self.orphaned):,} orphaned"
        )

    def findings(self, place: str) -> Iterator[Finding]:
        """What a person should look at; ``place`` (the project) stands before it."""
        if self.orphaned:
            yield Finding(
                f"{place}: {_tasks(self.orphaned)}",
                "W345",
                "nobody asks for this (copied, edited, or no longer in the batch). It is left "
                "alone; delete it in Label Studio if nobody needs it.",
            )


def diff(wanted: Sequence[dict[str, Any]], present: Iterable[PresentTask]) -> Diff:
    """Compare by sentence id. Of several tasks of one sentence the labelled one counts, then the
    oldest.

    >>> diff([{"data": {"sentence_id": "a.001", "text": "Yes."}}], []).new
    ({'data': {'sentence_id': 'a.001', 'text': 'Yes.'}},)
    """
    right = {task["data"]["sentence_id"]: task["data"] for task in wanted}
    ours: dict[str, PresentTask] = {}
    orphaned = []
    for task in sorted(present, key=lambda task: (not task.is_labeled, task.id)):
        name = task.sentence_id
        if name is None or name not in right or name in ours:
            orphaned.append(task)
        else:
            ours[name] = task
    differing = {name: task for name, task in ours.items() if _differs(task, right[name])}
    return Diff(
        new=tuple(task for task in wanted if task["data"]["sentence_id"] not in ours),
        unchanged=len(ours) - len(differing),
        changed=tuple(
            Change(task, right[name]) for name, task in differing.items() if not task.is_labeled
        ),
        kept=tuple(task for task in differing.values() if task.is_labeled),
        orphaned=tuple(sorted(orphaned, key=lambda task: task.id)),
    )


def _differs(task: PresentTask, right: Mapping[str, Any]) -> bool:
    """True when a field is not as it should be; fields of others are none of our business."""
    return any(
        task.data.get(name) != value
        for name, value in right.items()
        if not (name in KEPT and task.is_labeled)
    )


def _tasks(tasks: Iterable[PresentTask]) -> str:
    ids = [str(task.id) for task in tasks]
    return f"task{'s' if len(ids) > 1 else ''} {listed(ids)}"
