"""What both sides hold after a run, so that a disturbed one can be compared with an undisturbed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from corpus.folder import read_corpus
from corpus.label_studio import client, sync
from corpus.label_studio.projects import find_project, read_marked
from corpus.label_studio.pull import pull_tasks
from corpus.label_studio.results import choices
from corpus.label_studio.transfer import read_tasks

# What a server numbers and stamps, and what tells two corpora apart that are otherwise the same.
STAMPS = ("created_at", "seconds", "source")


@dataclass(frozen=True)
class State:
    """Every task with its data and answers, by sentence; every stored line."""

    projects: dict[str, list[str]]
    lines: dict[str, list[str]]


def state_of(connection, path):
    """The state of a corpus folder and its projects; the name of its codebook does not count."""
    corpus = read_corpus(path)
    projects = {}
    for plan in sync.plans(corpus, corpus.batches):
        assert len(read_marked(connection).get(plan.marker, [])) <= 1
        project = find_project(connection, plan)
        if project is not None:
            projects[plan.title] = sorted(
                as_text(
                    {
                        "data": {**task["data"], "corpus": ""},
                        "answers": [
                            (answer["result"], answer["was_cancelled"])
                            for answer in task["annotations"]
                        ],
                        "drafts": [draft["result"] for draft in task["drafts"]],
                    }
                )
                for task in pull_tasks(connection, project)
            )
    lines = {
        batch: sorted(
            as_text({name: value for name, value in asdict(item).items() if name not in STAMPS})
            for item in stored
        )
        for batch, stored in corpus.annotations.items()
    }
    return State(projects, lines)


def as_text(value):
    return json.dumps(value, sort_keys=True)


def sync_all(connection, path):
    """A sync of every project, as the script does it."""
    corpus = read_corpus(path)
    return [sync.sync(connection, corpus, plan) for plan in sync.plans(corpus, corpus.batches)]


def sync_through(proxy, token, path):
    with client.connect(proxy.url, token) as connection:
        return sync_all(connection, path)


def answer_first(connection, path, n, stance="mixed"):
    """The first ``n`` sentences get an answer in every project where they have none."""
    corpus = read_corpus(path)
    first = list(corpus.sentences)[:n]
    for plan in sync.plans(corpus, corpus.batches):
        for task in read_tasks(connection, find_project(connection, plan)):
            if task.sentence_id in first and not task.is_labeled:
                connection.sdk.annotations.create(id=task.id, result=[choices("stance", [stance])])
