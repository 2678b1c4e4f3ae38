"""A model's answers as pre-annotations: one a task, of the current model, checked after the push.

Label Studio accepts labels that do not exist, keeps every older prediction, and drops some without
a word; so labels are checked here, older ones are taken away, and what arrived is read again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from corpus.batches import asks_of
from corpus.cli import make_command
from corpus.codebook import Codebook
from corpus.findings import CorpusError, Finding, raise_errors
from corpus.folder import Corpus
from corpus.label_studio.client import Connection
from corpus.label_studio.failures import failures_in_words
from corpus.label_studio.projects import Project, ProjectPlan, find_project
from corpus.label_studio.results import choices
from corpus.label_studio.transfer import CHUNK, Progress, quiet, read_tasks
from corpus.records import Sentence


class Answer(Protocol):
    """What a model says about one sentence; a label that was not trained has no score."""

    @property
    def stance(self) -> str | None:
        """None where the model abstains."""

    @property
    def stance_score(self) -> float:
        """Of the likeliest stance."""

    @property
    def stance_scores(self) -> Mapping[str, float | None]:
        """Of every stance."""

    @property
    def topics(self) -> tuple[str, ...]:
        """Those that the sentence is about."""

    @property
    def topic_scores(self) -> Mapping[str, float | None]:
        """Of every topic."""


# (text, before, after) of each sentence -> an answer each, in order.
Predict = Callable[[Iterable[tuple[str, str, str]]], Iterable[Answer]]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a model answers for a sentence.

    score: the probability of the stance, 0 to 1. scores: layer -> its labels -> their
    probabilities, where they are known.
    """

    stance: str
    topics: tuple[str, ...]
    score: float
    scores: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def problems(self, codebook: Codebook) -> list[str]:
        """Labels that the codebook does not have, in words."""
        pairs = [("stance", self.stance), *(("topics", name) for name in self.topics)]
        return [
            codebook.unknown(layer, name)
            for layer, name in pairs
            if name not in codebook.names(layer)
        ]

    def result(self) -> list[dict[str, Any]]:
        """In Label Studio's form: an item a layer, with the scores of its labels."""
        layers = {"stance": (self.stance,), "topics": self.topics}
        return [
            choices(layer, names) | self._scored(layer, names)
            for layer, names in layers.items()
            if names
        ]

    def _scored(self, layer: str, names: Sequence[str]) -> dict[str, Any]:
        """``score``: of the least likely of the labels chosen; ``meta.scores``: of every label."""
        known = self.scores.get(layer)
        if not known:
            return {}
        return {"score": min(known[name] for name in names), "meta": {"scores": dict(known)}}


@dataclass(frozen=True, slots=True)
class Shown:
    """What one project's turn did, in numbers of tasks.

    labelled: left as they were, so that it stays true what was shown. blind: their batch item says
    no; abstained: no proposal.
    """

    new: int
    replaced: int
    unchanged: int
    labelled: int
    blind: int
    abstained: int

    def __str__(self) -> str:
        return (
            f"{self.new:,} new, {self.replaced:,} replaced, {self.unchanged:,} unchanged "
            f"({self.labelled:,} labelled already, {self.blind:,} blind, "
            f"{self.abstained:,} without a proposal)"
        )


def require_codebook(corpus: Corpus, codebook: str, labels: Mapping[str, Sequence[str]]) -> None:
    """CorpusError when a model answers in another codebook's labels.

    codebook: the name and version that it was trained with; labels: layer -> what it may answer.
    """
    book = corpus.codebook
    if codebook != f"{book.name} {book.version}":
        raise CorpusError(
            f"the model was trained with codebook {codebook}, the corpus has {book.name} "
            f"{book.version}. Train again: {make_command('train', corpus.path)}"
        )
    raise_errors(
        Finding("the model", "E328", book.unknown(layer, name))
        for layer, names in labels.items()
        for name in names
        if name not in book.names(layer)
    )


def require_showing(corpus: Corpus, batch: str) -> None:
    """CorpusError when the batch asks for holders, or was frozen without predictions."""
    if asks_of(corpus.batches[batch]) == "holders":
        raise CorpusError(
            f"batch {batch} asks for holders, and the model does not mark any: there is nothing to "
            "preselect."
        )
    if not any(item.show_predictions for item in corpus.batches[batch]):
        raise CorpusError(
            f"batch {batch} shows no predictions: that is frozen with it. `make batch` with "
            "ARGS=--show-predictions makes one that does."
        )


def propose(
    sentences: Sequence[Sentence], near: Mapping[str, tuple[str, str]], predict: Predict
) -> dict[str, Proposal]:
    """Sentence id -> the model's answer; none where it abstains.

    near: ``neighbours`` of the corpus's sentences.
    """
    answers = predict((sentence.text, *near[sentence.id]) for sentence in sentences)
    return {
        sentence.id: Proposal(
            answer.stance,
            answer.topics,
            answer.stance_score,
            {"stance": _known(answer.stance_scores), "topics": _known(answer.topic_scores)},
        )
        for sentence, answer in zip(sentences, answers, strict=True)
        if answer.stance is not None
    }


def _known(scores: Mapping[str, float | None]) -> dict[str, float]:
    """Of the labels that were trained, to four places: people read them."""
    return {label: round(score, 4) for label, score in scores.items() if score is not None}


def show_predictions(
    connection: Connection,
    corpus: Corpus,
    plan: ProjectPlan,
    proposals: Mapping[str, Proposal],
    version: str,
    progress: Progress = quiet,
) -> Shown:
    """Give each open task that may show one its proposal, and take away what is older.

    proposals: sentence id -> proposal, checked against the codebook first. version: the model's
    digest. CorpusError when the project is not there, or not all predictions arrived.
    """
    raise_errors(
        Finding(name, "E328", problem)
        for name, proposal in proposals.items()
        for problem in proposal.problems(corpus.codebook)
    )
    project = find_project(connection, plan)
    if project is None:
        raise CorpusError(f"{plan.title}: no such project on {connection.url}. First: make sync")
    may_show = {
        item.sentence_id: item.show_predictions
        for item in corpus.batches[plan.batch]
        if plan.annotator in item.annotators
    }
    tasks = [
        task for task in read_tasks(connection, project, progress) if task.sentence_id in may_show
    ]
    open_tasks = [task for task in tasks if not task.is_labeled]
    shown_ids = {name for name, shows in may_show.items() if shows}
    wanted = {
        task.id: proposals[name]
        for task in open_tasks
        if (name := task.sentence_id) in proposals and name in shown_ids
    }
    present = _read(connection, project)
    right = _right(present, wanted, version)
    stale = [task.id for task in open_tasks if present[task.id] and task.id not in right]
    missing = [task for task in wanted if task not in right]
    _delete(connection, project, stale)
    _send(connection, project, {task: wanted[task] for task in missing}, version, progress)
    if wanted:
        _show(connection, project, version)
    if missing or stale:
        _require_shown(connection, project, wanted, version)
    blind = sum(task.sentence_id not in shown_ids for task in open_tasks)
    return Shown(
        new=len(set(missing) - set(stale)),
        replaced=len(set(missing) & set(stale)),
        unchanged=len(right),
        labelled=len(tasks) - len(open_tasks),
        blind=blind,
        abstained=len(open_tasks) - len(wanted) - blind,
    )


def _right(
    present: Mapping[int, Sequence[Any]], wanted: Mapping[int, Proposal], version: str
) -> set[int]:
    """The tasks whose only prediction is the wanted one."""
    return {
        task
        for task, proposal in wanted.items()
        if [(item.model_version, item.result) for item in present.get(task, ())]
        == [(version, proposal.result())]
    }


def _read(connection: Connection, project: Project) -> defaultdict[int, list[Any]]:
    """Task -> its predictions."""
    doing = f"reading the predictions of project {project.id}"
    found: defaultdict[int, list[Any]] = defaultdict(list)
    with failures_in_words(connection.url, doing, connection.token_kind):
        for item in connection.sdk.predictions.list(project=project.id):
            found[item.task].append(item)
    return found


def _delete(connection: Connection, project: Project, tasks: Sequence[int]) -> None:
    doing = f"taking older predictions away from project {project.id}"
    for start in range(0, len(tasks), CHUNK):
        chosen = {"all": False, "included": list(tasks[start : start + CHUNK])}
        with failures_in_words(connection.url, doing, connection.token_kind):
            connection.sdk.actions.create(
                project=project.id, id="delete_tasks_predictions", selected_items=chosen
            )


def _send(
    connection: Connection,
    project: Project,
    proposals: Mapping[int, Proposal],
    version: str,
    progress: Progress,
) -> None:
    requests = [
        {
            "task": task,
            "result": proposal.result(),
            "score": proposal.score,
            "model_version": version,
        }
        for task, proposal in proposals.items()
    ]
    for start in range(0, len(requests), CHUNK):
        progress(start, len(requests))
        chunk = requests[start : start + CHUNK]
        doing = f"sending predictions {start + 1:,} to {start + len(chunk):,} of {len(requests):,}"
        with failures_in_words(connection.url, doing, connection.token_kind):
            connection.sdk.projects.import_predictions(id=project.id, request=chunk)


def _show(connection: Connection, project: Project, version: str) -> None:
    """Preselect them: the page takes those of the project's version, which must have some."""
    doing = f"switching on the predictions of project {project.id}"
    with failures_in_words(connection.url, doing, connection.token_kind):
        connection.sdk.projects.update(
            project.id, model_version=version, show_collab_predictions=True
        )


def _require_shown(
    connection: Connection, project: Project, wanted: Mapping[int, Proposal], version: str
) -> None:
    wrong = wanted.keys() - _right(_read(connection, project), wanted, version)
    if wrong:
        raise CorpusError(
            f"{connection.url}: project {project.id}: {len(wrong):,} of {len(wanted):,} "
            "predictions did not arrive as sent. Was somebody labelling or changing tasks? Run "
            "the same command again."
        )
