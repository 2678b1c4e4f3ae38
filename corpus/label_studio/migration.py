"""A new codebook's names on the server: what is in use there, and renaming it with nothing lost.

Label Studio takes a page without a label that is in use, and orphans it without a word. So both
names are allowed while answers are renamed one by one, and the old ones go last. Each step may be
done again: a run that was stopped is finished by the next.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

from corpus.annotations import new_lines, read_annotations
from corpus.codebook import LAYERS, Codebook
from corpus.findings import Finding, listed
from corpus.folder import Corpus
from corpus.label_studio.annotations import read_export
from corpus.label_studio.client import Connection
from corpus.label_studio.failures import failures_in_words
from corpus.label_studio.holders_page import HOLDER, HOLDER_ACT
from corpus.label_studio.interface import adjudication_interface, instructions, interface
from corpus.label_studio.projects import (
    Project,
    ProjectPlan,
    interface_differs,
    read_marked,
    update_interface,
)
from corpus.label_studio.pull import pull_tasks
from corpus.label_studio.renaming import saving, unfinished
from corpus.label_studio.sync import own_tasks, place_of
from corpus.label_studio.tasks import page_for
from corpus.label_studio.transfer import Progress, quiet
from corpus.migration import Uses
from corpus.records import Annotation
from corpus.renamed import in_todays_names, is_known, renamed


@dataclass(frozen=True, slots=True)
class Live:
    """A project of the corpus on the server, and what of it an older codebook named.

    old, unknown: former names, and names that nothing explains, in use there. fresh: answers that
    the corpus does not hold yet, as given. annotations, drafts, predictions: the ids of those with
    former names, an annotation's followed by those of the same sentence that were given later;
    submitted: of every annotation. findings: what an annotator has to do first.
    """

    project: Project
    plan: ProjectPlan
    old: Uses
    unknown: Uses
    fresh: Mapping[str, tuple[Annotation, ...]]
    annotations: tuple[tuple[int, ...], ...]
    drafts: tuple[int, ...]
    predictions: tuple[int, ...]
    submitted: frozenset[int]
    findings: tuple[Finding, ...]

    @property
    def n_named(self) -> int:
        """How many things there bear a former name."""
        return sum(map(len, self.annotations)) + len(self.drafts) + len(self.predictions)


def look(connection: Connection, corpus: Corpus) -> list[Live]:
    """Every project of this corpus on the server, adjudicators' too; nothing is changed."""
    name = corpus.codebook.name
    ours = re.compile(
        rf"Parley: corpus {name}, (?:batch (\S+), annotator (\S+)|adjudication by (\S+))"
    )
    found = []
    for marker, projects in sorted(read_marked(connection).items()):
        if match := ours.fullmatch(marker):
            batch, annotator, adjudicator = match.groups()
            plan = _plan(corpus, corpus.codebook, batch or "", annotator or adjudicator)
            found += [_look(connection, corpus, project, plan) for project in projects]
    return found


def migrate_project(
    connection: Connection, corpus: Corpus, live: Live, progress: Progress = quiet
) -> list[Finding]:
    """Bring a project to today's codebook; what could not be done, as errors.

    Both names -> every answer, draft and prediction -> today's names alone -> read it all again.
    """
    project, book = live.project, corpus.codebook
    doing = f"renaming labels in project {project.id}"
    findings: list[Finding] = []
    with failures_in_words(connection.url, doing, connection.token_kind):
        if live.n_named:
            both = _plan(corpus, with_former_names(book), live.plan.batch, live.plan.annotator)
            if project.label_config.strip() != both.label_config.strip():
                connection.sdk.projects.update(project.id, label_config=both.label_config)
            project = replace(project, label_config=both.label_config)
            findings += _rename_all(
                connection, live, corpus, place_of(connection, project), progress
            )
        if findings:
            return findings
        if interface_differs(project, live.plan):
            # The server's count of labels still has the names that drafts had before.
            connection.request("POST", f"api/projects/{project.id}/summary/reset/")
    update_interface(connection, project, live.plan)
    return _left(connection, corpus, live) if live.n_named else []


def with_former_names(codebook: Codebook) -> Codebook:
    """The codebook with each former name as one more value, like the one it is called now."""
    layers: dict[str, Any] = {}
    for name, layer in codebook.layers.items():
        by_name = {value.name: value for value in layer.values}
        former = [
            by_name[new].model_copy(update={"name": old, "hotkey": ""})
            for (where, old), new in codebook.new_names.items()
            if where == name
        ]
        layers[name] = layer.model_copy(update={"values": [*layer.values, *former]})
    return codebook.model_copy(update=layers)


def names_of(result: object) -> Iterator[tuple[str, str]]:
    """(layer, value) of everything chosen or marked in an answer, in Label Studio's form.

    Broken parts are skipped.
    """
    for item in result if isinstance(result, list) else ():
        layer, _, names = _named(item)
        yield from ((layer, name) for name in names)


def renamed_result(result: list[Any], codebook: Codebook) -> list[Any]:
    """The answer with today's names; two that are one now collapse, the rest stays as it is."""
    found = []
    for item in result:
        layer, key, names = _named(item)
        if names:
            new = in_todays_names(layer, names, codebook)
            item = {**item, "value": {**item["value"], key: list(new)}}
        found.append(item)
    return found


# Control -> its layer, and where an answer's values stand.
_CONTROLS = {
    **{layer: (layer, "choices") for layer in LAYERS},
    HOLDER: ("stance", "labels"),
    HOLDER_ACT: ("act", "choices"),
}


def _named(item: object) -> tuple[str, str, list[str]]:
    """The layer that an item of an answer speaks of, the key of its values, and the values."""
    control = item.get("from_name") if isinstance(item, Mapping) else None
    layer, key = _CONTROLS.get(str(control), ("", ""))
    value = item.get("value") if isinstance(item, Mapping) else None
    names = value.get(key) if isinstance(value, Mapping) else None
    names = [names] if isinstance(names, str) else names
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return layer, key, []
    return layer, key, names


def _plan(corpus: Corpus, codebook: Codebook, batch: str, who: str) -> ProjectPlan:
    if batch in corpus.batches:
        page, text = page_for(replace(corpus, codebook=codebook), batch)
    elif batch:
        page, text = interface(codebook), instructions(codebook)
    else:
        page, text = adjudication_interface(codebook), instructions(codebook)
    return ProjectPlan(codebook.name, batch, who, page, text)


# What is there -----------------------------------------------------------------------------------


def _look(connection: Connection, corpus: Corpus, project: Project, plan: ProjectPlan) -> Live:
    book = corpus.codebook
    own_tasks(connection, corpus, project)  # refuses another corpus's
    tasks = list(pull_tasks(connection, project))
    where = f"project {project.id} ({plan.title})"
    old, unknown = Uses(), Uses()
    ids: dict[str, list[int]] = {"annotation": [], "draft": [], "prediction": []}
    for what, version, item in _answers(connection, project, tasks):
        pairs = set(names_of(item["result"]))
        if pairs & book.new_names.keys():
            ids[what].append(item["id"])
        for layer, value in pairs:
            if (layer, value) in book.new_names:
                old[layer, value, where, what] += 1
            elif what != "prediction" and not is_known(book, layer, value, version):
                unknown[layer, value, where, what] += 1
    begun = unfinished(corpus.path)
    in_turn = tuple(_in_turn(tasks, set(ids["annotation"]), begun))
    # Of a sentence whose answers were being saved, the wrong one may be the latest.
    certain = [
        task for task in tasks if not any(item["id"] in begun for item in task["annotations"])
    ]
    touched = {number for numbers in in_turn for number in numbers}
    return Live(
        project=project,
        plan=plan,
        old=old,
        unknown=unknown,
        fresh=_fresh(corpus, plan, certain, place_of(connection, project)),
        annotations=in_turn,
        drafts=tuple(ids["draft"]),
        predictions=tuple(ids["prediction"]),
        submitted=frozenset(item["id"] for task in tasks for item in task["annotations"]),
        findings=tuple(
            _unsubmitted(place_of(connection, project), task["id"])
            for task in tasks
            for draft in task.get("drafts") or ()
            if draft.get("annotation") in touched
        ),
    )


def _answers(
    connection: Connection, project: Project, tasks: Iterable[Mapping[str, Any]]
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(annotation, draft or prediction; the task's codebook version; the thing itself)."""
    has_predictions = False
    for task in tasks:
        version = str(task["data"].get("codebook"))
        for item in task.get("annotations") or ():
            yield "annotation", version, item
        for item in task.get("drafts") or ():
            yield "draft", "", item  # submitted under no version yet
        has_predictions |= bool(task.get("predictions"))
    if has_predictions:
        doing = f"reading the predictions of project {project.id}"
        with failures_in_words(connection.url, doing, connection.token_kind):
            for found in connection.sdk.predictions.list(project=project.id):
                yield "prediction", "", {"id": found.id, "result": found.result}


def _in_turn(
    tasks: Iterable[Mapping[str, Any]], named: Collection[int], begun: Sequence[int]
) -> Iterator[tuple[int, ...]]:
    """The annotations to be saved, sentence by sentence: the first of ``named``, and what followed.

    The latest answer counts, and saving one makes it the latest. So all are saved in the order in
    which they were given, even where only the first has a former name. ``begun``: those of one
    sentence in that order, of which a run that was stopped may have saved some.
    """
    by_sentence: defaultdict[object, list[tuple[str, int]]] = defaultdict(list)
    for task in tasks:
        for item in task.get("annotations") or ():
            key = task["data"].get("sentence_id", task["id"])
            by_sentence[key].append((item["updated_at"], item["id"]))
    for given in by_sentence.values():
        numbers = [number for _, number in sorted(given)]
        while numbers and numbers[0] not in named and numbers[0] not in begun:
            del numbers[0]
        if numbers:
            again = [number for number in begun if number in numbers]
            yield (*again, *(number for number in numbers if number not in again))


def _fresh(
    corpus: Corpus, plan: ProjectPlan, tasks: Iterable[Mapping[str, Any]], place: str
) -> dict[str, tuple[Annotation, ...]]:
    """What `make sync` would store, in the names it was given in: later its time would be lost.

    What is wrong with other answers is not said here; the next sync says it.
    """
    if plan.batch not in corpus.batches:
        return {}
    book = corpus.codebook
    lenient = replace(corpus, codebook=with_former_names(book))
    pulled = read_export(list(tasks), lenient, place, only=(plan.batch, plan.annotator))
    found = {}
    for batch, items in pulled.annotations.items():
        stored = [renamed(item, book) for item in read_annotations(corpus.path, batch)]
        news = new_lines(stored, [renamed(item, book) for item in items])
        names = {item.sentence_id for item in news}
        found[batch] = tuple(item for item in items if item.sentence_id in names)
    return found


def _unsubmitted(place: str, task: object) -> Finding:
    return Finding(
        f"{place}: task {task}",
        "E343",
        "an answer was changed there and not submitted; Label Studio would throw the change away. "
        "Let its annotator press Update or discard it, then run this again.",
    )


# Renaming ----------------------------------------------------------------------------------------


def _rename_all(
    connection: Connection, live: Live, corpus: Corpus, place: str, progress: Progress
) -> Iterator[Finding]:
    """Each thing is read again just before, because somebody may have changed it meanwhile."""
    sdk, book, done = connection.sdk, corpus.codebook, 0
    for numbers in live.annotations:
        progress(done, live.n_named)
        done += len(numbers)
        answers = [sdk.annotations.get(id=number) for number in numbers]
        findings = [
            _unsubmitted(place, answer.task)
            for answer in answers
            for draft in connection.request("GET", f"api/tasks/{answer.task}/drafts").json()
            if draft["annotation"] == answer.id
        ]
        if findings:
            yield from findings
            continue
        is_row = len(numbers) > 1 or numbers[0] in unfinished(corpus.path)
        with saving(corpus.path, numbers) if is_row else nullcontext():
            for answer in answers:
                result = renamed_result(answer.result, book)
                if is_row or result != answer.result:
                    sdk.annotations.update(id=answer.id, result=result)
    for number in live.drafts:
        progress(done, live.n_named)
        done += 1
        draft = connection.request("GET", f"api/drafts/{number}/").json()
        result = renamed_result(draft["result"], book)
        if result != draft["result"]:
            connection.request("PATCH", f"api/drafts/{number}/", {"result": result})
    for number in live.predictions:
        progress(done, live.n_named)
        done += 1
        prediction = sdk.predictions.get(id=number)
        sdk.predictions.update(id=number, result=renamed_result(prediction.result, book))
    progress(done, live.n_named)


def _left(connection: Connection, corpus: Corpus, live: Live) -> list[Finding]:
    """What is not as it should be, now that everything was renamed."""
    again = _look(connection, corpus, live.project, live.plan)
    place = place_of(connection, live.project)
    missing = sorted(map(str, live.submitted - again.submitted))
    findings = []
    if again.n_named:
        message = (
            f"{again.n_named:,} answers came in with a former name meanwhile: a page was still "
            "open. Ask for it to be loaded anew, and run the same command again."
        )
        findings.append(Finding(place, "E342", message))
    if missing:
        message = f"annotations {listed(missing)} are gone: somebody deleted them meanwhile."
        findings.append(Finding(place, "E342", message))
    return findings
