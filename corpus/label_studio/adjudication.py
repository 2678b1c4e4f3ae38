"""Adjudication in Label Studio: the cases as tasks, and decisions as they come back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from corpus.adjudication import Case, Docket, docket
from corpus.annotations import append_adjudications
from corpus.codebook import Codebook
from corpus.findings import Finding, short
from corpus.folder import Corpus
from corpus.label_studio.answers import time_of
from corpus.label_studio.client import Connection
from corpus.label_studio.diff import diff
from corpus.label_studio.interface import NOTE, RULE, adjudication_interface, instructions
from corpus.label_studio.projects import ProjectPlan, find_project
from corpus.label_studio.pull import pull_tasks
from corpus.label_studio.results import FaultError, is_storable, values_of
from corpus.label_studio.sync import NOTHING, Synced, place_of, push_all
from corpus.label_studio.tasks import sentence_task
from corpus.label_studio.transfer import Progress, quiet, read_tasks
from corpus.records import Adjudication
from corpus.sentences import neighbours


@dataclass(frozen=True, slots=True)
class Adjudicated:
    """One turn: what was sent, what is kept back, and the decisions that are new."""

    sent: Synced
    docket: Docket
    new: tuple[Adjudication, ...]
    findings: tuple[Finding, ...]


def adjudicate(
    connection: Connection, corpus: Corpus, adjudicator: str, progress: Progress = quiet
) -> Adjudicated:
    """Send what is disputed, store what was decided. Twice changes nothing; nothing is deleted.

    Decided cases stay in the project where their adjudicator may change them; those that somebody
    else has decided meanwhile stay too, and answers to them are left there unread. Where nothing is
    to be decided and there is no project yet, none is made.
    """
    book, found = corpus.codebook, docket(corpus, adjudicator)
    page, text = adjudication_interface(book), instructions(book)
    plan = ProjectPlan(book.name, "", adjudicator, page, text)
    project = find_project(connection, plan)
    there = {task.sentence_id for task in read_tasks(connection, project)} if project else set()
    cases = [case for case in found.cases if case.is_open or case.sentence.id in there]
    found = replace(found, cases=tuple(cases))
    if project is None and not cases:
        nothing = Synced(plan, None, diff([], []), 0, 0, NOTHING, ())
        return Adjudicated(nothing, found, (), ())
    sent = push_all(connection, corpus, plan, case_tasks(corpus, cases, adjudicator), progress)
    assert sent.project is not None
    place = place_of(connection, sent.project)
    decided = read_decisions(
        pull_tasks(connection, sent.project, progress), found.cases, adjudicator, book, place
    )
    new = _news(decided.decisions, corpus.adjudications, book)
    append_adjudications(corpus.path, new)
    return Adjudicated(sent, found, tuple(new), sent.findings + decided.findings)


def _news(
    decisions: Iterable[Adjudication], stored: Iterable[Adjudication], codebook: Codebook
) -> list[Adjudication]:
    """The decisions that say something else than those that hold.

    One that its adjudicator has changed is of today's codebook, whatever the task was made with.
    """
    latest: dict[tuple[str, str], Adjudication] = {}
    own: dict[tuple[str, str, str], Adjudication] = {}
    for old in stored:
        latest[old.sentence_id, old.layer] = old
        own[old.sentence_id, old.layer, old.adjudicator] = old
    news = []
    for item in decisions:
        before = own.get((item.sentence_id, item.layer, item.adjudicator))
        if before is not None:
            is_same = replace(item, codebook=before.codebook) == before
            item = before if is_same else replace(item, codebook=codebook.version)
        if item != latest.get((item.sentence_id, item.layer)):
            news.append(item)
    return news


def case_tasks(corpus: Corpus, cases: Iterable[Case], adjudicator: str) -> list[dict[str, Any]]:
    """A task a case, in Label Studio's import form; everything in ``data`` is text."""
    near = neighbours(corpus.sentences)
    return [
        sentence_task(
            corpus,
            case.sentence,
            near,
            layers=f"Decide: {', '.join(case.layers)}",
            votes="\n".join(case.votes),
            rules="\n".join(case.rules) or "No vote cites a rule.",
            adjudicator=adjudicator,
        )
        for case in cases
    ]


@dataclass(frozen=True, slots=True)
class Decided:
    """What came back: decisions on layers that are disputed, and what was wrong with others."""

    decisions: tuple[Adjudication, ...]
    findings: tuple[Finding, ...]


def read_decisions(
    export: Iterable[Mapping[str, Any]],
    cases: Iterable[Case],
    adjudicator: str,
    codebook: Codebook,
    place: str,
) -> Decided:
    """The latest submitted answer to each case, whichever copy of its task it is on.

    Each is of the codebook that its task was made with; a task that is labelled keeps that.
    Skipped cases and drafts say nothing yet.
    """
    open_cases = {case.sentence.id: case for case in cases}
    latest: dict[str, tuple[datetime, str, Mapping[str, Any], Mapping[str, Any]]] = {}
    decisions: list[Adjudication] = []
    findings: list[Finding] = []
    for task in export:
        where = f"{place}: task {task.get('id')}"
        data = task.get("data")
        name = data.get("sentence_id") if isinstance(data, Mapping) else None
        if not isinstance(data, Mapping) or not isinstance(name, str) or name not in open_cases:
            continue
        try:
            for raw in _submitted(task):
                given = time_of(raw.get("updated_at") or raw.get("created_at"))
                if name not in latest or given > latest[name][0]:
                    latest[name] = (given, where, data, raw)
        except FaultError as fault:
            findings.append(Finding(where, fault.code, fault.message))
    for name, (_, where, data, raw) in latest.items():
        case = open_cases[name]
        try:
            if data.get("text") != case.sentence.text:
                raise FaultError("E324", "the text shown differs from the sentence. Decide again.")
            version = data.get("codebook")
            if not isinstance(version, str) or not version:
                raise FaultError("E322", "the task does not say its codebook version.")
            values = values_of(raw.get("result"), codebook, version, also=(RULE,))
            if any(set(names) & set(codebook.retired(layer)) for layer, names in values.items()):
                continue  # of before the value was retired, and to be made anew
            decisions += _decisions(case, values, adjudicator, codebook, version)
        except FaultError as fault:
            findings.append(Finding(where, fault.code, fault.message))
    return Decided(tuple(decisions), tuple(findings))


def _submitted(task: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The answers to a task that were neither skipped nor left as a draft."""
    given = task.get("annotations") or []
    if not isinstance(given, list) or not all(isinstance(raw, Mapping) for raw in given):
        raise FaultError("E329", f"annotations are {short(given)}, expected a list of them.")
    yield from (raw for raw in given if not raw.get("was_cancelled"))


def _decisions(
    case: Case,
    values: Mapping[str, Sequence[str]],
    adjudicator: str,
    codebook: Codebook,
    version: str,
) -> Iterator[Adjudication]:
    for control in (RULE, "stance", "act"):
        if len(values.get(control, ())) > 1:
            found = ", ".join(values[control])
            raise FaultError("E329", f"{control} has several values ({found}); it takes one.")
    rule = next(iter(values.get(RULE, ())), "")
    reason = " ".join(" ".join(values.get(NOTE, ())).split())
    stance = next(iter(values.get("stance", ())), None)
    act = next(iter(values.get("act", ())), None)
    if codebook.rules and rule not in {known.id for known in codebook.rules}:
        raise FaultError("E334", "no rule is cited. Choose the one that decides, then Update.")
    if not reason:
        raise FaultError("E334", "there is no reason. Write one, Enter, then Update.")
    if not is_storable(reason):
        raise FaultError("E329", "the reason holds half a character. Write it again.")
    layers = list(case.layers)
    if "stance" in layers and stance is None:
        raise FaultError("E334", "the stance is disputed, and none is chosen. Choose one, Update.")
    if "stance" in layers and codebook.act is not None and "act" not in layers:
        layers.append("act")  # another stance may ask for another act, or for none
    asks_act = stance in codebook.asking_act or "stance" not in layers
    if "act" in layers and asks_act and act is None:
        raise FaultError("E334", "an act has to be chosen here. Choose one, then Update.")
    for layer in layers:
        value: str | tuple[str, ...] | None = tuple(values.get("topics", ()))
        if layer == "stance":
            value = stance
        elif layer == "act":
            value = act if asks_act else None
        yield Adjudication(case.sentence.id, layer, value, adjudicator, rule, reason, version)
