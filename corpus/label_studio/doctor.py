"""Is everything there that labelling needs? One line a check: ok, or what to do."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus.findings import CorpusError, listed
from corpus.folder import Corpus
from corpus.label_studio.client import Connection, connect
from corpus.label_studio.failures import failures_in_words
from corpus.label_studio.live_projects import (
    BLOCKED,
    BLOCKED_ADVICE,
    forget_backend,
    is_blocked,
)
from corpus.label_studio.projects import Project, ProjectPlan, interface_differs, read_marked
from corpus.label_studio.server import address
from corpus.label_studio.sync import plans

TESTED = "1.23"
RIGHTS = ("projects.create", "projects.change", "tasks.create", "annotations.view")
ENOUGH_BYTES = 2_000_000_000  # 20,000 tasks with annotations take 0.1 GB; exports as much again
CLOSED_PORT = "http://127.0.0.1:9"  # the discard port: nobody answers there


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at; ``todo`` is empty where it is fine. Some need not be fine to label."""

    name: str
    found: str
    todo: str = ""
    is_needed: bool = True

    def __str__(self) -> str:
        mark = "ok" if not self.todo else "TO DO" if self.is_needed else "note"
        return f"{mark:<6}{self.name:<11}{self.found}" + (f" {self.todo}" if self.todo else "")


def examine(corpus: Corpus, url: str | None, data: Path) -> Iterator[Check]:
    """The checks in order. Without a server, or with a refused token, the rest has no answer."""
    try:
        connection = connect(*address(url, data))
    except CorpusError as error:
        yield Check("server", "no connection.", str(error))
        yield _disk(data)
        return
    with connection:
        yield _version(connection)
        yield _token(connection)
        marked = read_marked(connection)
        yield from _projects(connection, corpus, marked)
        yield from _under_another_name(corpus, marked)
        yield _disk(data)
        ours = [
            marked[plan.marker] for plan in plans(corpus, corpus.batches) if plan.marker in marked
        ]
        yield _loopback(connection, ours[0][0] if ours else None)


def _version(connection: Connection) -> Check:
    with failures_in_words(connection.url, "asking for the version", connection.token_kind):
        found = connection.sdk.versions.get()
    release = str(getattr(found, "release", None) or "unknown")
    todo = "" if release.startswith(f"{TESTED}.") else f"Parley is tested with {TESTED}.x only."
    return Check("server", f"Label Studio {release} at {connection.url}.", todo, is_needed=False)


def _token(connection: Connection) -> Check:
    with failures_in_words(connection.url, "asking who we are", connection.token_kind):
        who = connection.sdk.users.whoami()
    rights = set(getattr(who, "permissions", None) or ())
    missing = [right for right in RIGHTS if right not in rights]
    found = f"{connection.token_kind} of user {who.id}"
    if missing:
        return Check(
            "token", f"{found}.", f"It lacks {', '.join(missing)}: ask whoever runs the server."
        )
    return Check("token", f"{found}, may make projects, send tasks and read annotations.")


def _projects(
    connection: Connection, corpus: Corpus, marked: dict[str, list[Project]]
) -> Iterator[Check]:
    """One line for all that are fine or missing, and one for each that needs something."""
    fine = missing = 0
    for plan in plans(corpus, corpus.batches):
        found = marked.get(plan.marker, [])
        if not found:
            missing += 1
        elif len(found) > 1:
            ids = " and ".join(str(project.id) for project in found)
            yield Check(
                "project",
                f"{plan.title}: {ids} have the same mark.",
                "Keep the one with the labels; delete the other or change its description.",
            )
        else:
            check = _interface(connection, found[0], plan)
            fine += check is None
            if check is not None:
                yield check
    name = f"{corpus.codebook.name} {corpus.codebook.version}"
    yield Check(
        "projects",
        f"{fine} with codebook {name}; {missing} not there (`make sync` makes those with sentences "
        "left to label).",
    )


def _under_another_name(corpus: Corpus, marked: dict[str, list[Project]]) -> Iterator[Check]:
    """A note where this corpus may have had another name: then its projects bear the former one."""
    by_rest: dict[str, list[str]] = {}
    for marker in marked:
        name, _, rest = marker.partition(", ")
        by_rest.setdefault(rest, []).append(name.removeprefix("Parley: corpus "))
    names = {
        name
        for plan in plans(corpus, corpus.batches)
        if plan.marker not in marked
        for name in by_rest.get(plan.marker.partition(", ")[2], ())
    }
    if names:
        yield Check(
            "name",
            f"projects for the same batches and annotators are there, of {listed(sorted(names))}.",
            "Was that the `name` in codebook.toml? Put it back: answers in them are fetched under "
            "it alone.",
            is_needed=False,
        )


def _interface(connection: Connection, project: Project, plan: ProjectPlan) -> Check | None:
    if not interface_differs(project, plan):
        return None
    what = f"{plan.title} (project {project.id}) has another labelling page than the codebook."
    try:
        with failures_in_words(connection.url, "checking the page", connection.token_kind):
            connection.sdk.projects.validate_label_config(
                project.id, label_config=plan.label_config
            )
    except CorpusError as error:
        return Check("project", what, f"It cannot be renewed: {error} Try `make migrate`.")
    return Check("project", what, "`make sync` renews it.", is_needed=False)


def _disk(data: Path) -> Check:
    place = next(folder for folder in (data, *data.absolute().parents) if folder.exists())
    free = shutil.disk_usage(place).free
    found = f"{free / 1e9:.1f} GB free where a local server keeps its database ({data})."
    return Check("disk", found, "" if free > ENOUGH_BYTES else "Make room: 2 GB or more.")


def _loopback(connection: Connection, project: Project | None) -> Check:
    """Whether the server would talk to a backend on its own machine; it refuses by default."""
    name = "backend"
    if project is None:
        return Check(name, "not tried: there is no project yet.")
    try:
        with failures_in_words(connection.url, "trying a backend", connection.token_kind):
            connection.sdk.ml.create(url=CLOSED_PORT, project=project.id, title="parley doctor")
    except CorpusError as error:
        if is_blocked(error):
            return Check(name, BLOCKED, BLOCKED_ADVICE, is_needed=False)
        if f"connect to ML backend {CLOSED_PORT}" not in str(error):
            return Check(name, "not known whether one may run on that machine:", str(error), False)
        # It called, and nobody answered there: that is what a server says that may call.
    finally:
        forget_backend(connection, project, CLOSED_PORT)
    return Check(name, "addresses of the server's own machine are allowed.")
