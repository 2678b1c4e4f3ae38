"""Talking to a Label Studio server: the only module that does.

The SDK is imported inside functions: it takes a second, and only these commands need it. Requests
are never repeated behind our back, because a lost reply does not mean a lost import.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from html import unescape
from tempfile import TemporaryFile
from typing import Any
from urllib.parse import urlsplit

from corpus.findings import CorpusError
from corpus.label_studio.diff import Change, PresentTask
from corpus.label_studio.failures import LostReplyError, TokenKind, failures_in_words
from corpus.label_studio.tasks import missing_tasks

CHUNK = 1_000  # tasks per request; 250,000 are allowed, half a second is pleasant
PAGE = 1_000
TIMEOUT_SECONDS = 600.0
Progress = Callable[[int, int], None]  # called with (done, total)


def quiet(_done: int, _total: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A server that has accepted a token; a context manager that hangs up at the end.

    ``sdk`` is the Label Studio SDK's client, ``http`` the httpx client under it.
    """

    url: str
    token_kind: TokenKind
    sdk: Any
    http: Any

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def __repr__(self) -> str:
        return f"Connection({self.url}, {self.token_kind})"


@dataclass(frozen=True, slots=True)
class ProjectPlan:
    """The project of one annotator of one batch, or of an adjudicator (with batch "")."""

    corpus: str
    batch: str
    annotator: str
    label_config: str
    instructions: str

    @property
    def title(self) -> str:
        """3 to 50 characters, as Label Studio wants it; people tell projects apart by it."""
        title = f"{self.batch or 'adjudication'} · {self.annotator}"
        return title if len(title) <= 50 else title[:49] + "…"

    @property
    def marker(self) -> str:
        """The project's description, by which it is found again whatever its title became."""
        if not self.batch:
            return f"Parley: corpus {self.corpus}, adjudication by {self.annotator}"
        return f"Parley: corpus {self.corpus}, batch {self.batch}, annotator {self.annotator}"


@dataclass(frozen=True, slots=True)
class Project:
    """A project on the server."""

    id: int
    title: str
    label_config: str
    instructions: str


def token_kind(token: str) -> TokenKind:
    """Which of Label Studio's two kinds of token this is; CorpusError when it is neither.

    >>> token_kind("0123456789abcdef0123456789abcdef01234567")
    'legacy token'
    """
    if re.fullmatch(r"[0-9a-f]{40}", token):
        return "legacy token"
    if re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+", token):
        return "personal access token"
    raise CorpusError(
        f"LABEL_STUDIO_API_KEY is no Label Studio token ({len(token)} characters). Expected a "
        "personal access token (three parts with dots between) or a legacy token (40 digits and "
        "letters a-f): Label Studio shows yours under Account & Settings."
    )


def connect(url: str, token: str) -> Connection:
    """A connection whose address and token the server has accepted; else CorpusError in words."""
    url, token = url.rstrip("/"), token.strip()
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        shown = url if parts.username is None else "(an address with a user name in it)"
        raise CorpusError(
            f"LABEL_STUDIO_URL {shown} is no address of a server. Expected http:// or https://, a "
            "host and a port, such as http://127.0.0.1:8080."
        )
    kind = token_kind(token)
    try:
        import httpx
        from label_studio_sdk import LabelStudio
    except ModuleNotFoundError:
        raise CorpusError(
            "the Label Studio SDK is not installed. Install it with "
            "`pip install -e .[label-studio]`, or use the offline door: `make tasks`, "
            "`make annotations`."
        ) from None
    is_local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    http = httpx.Client(
        timeout=httpx.Timeout(TIMEOUT_SECONDS, connect=10.0),
        follow_redirects=True,
        trust_env=not is_local,  # no proxy stands between a machine and itself
    )
    try:
        with failures_in_words(url, "logging in", kind):
            # The slash keeps a path prefix in the address when the SDK refreshes a token.
            sdk = LabelStudio(base_url=f"{url}/", api_key=token, max_retries=0, httpx_client=http)
            who = sdk.users.whoami()
        if not isinstance(getattr(who, "id", None), int):
            raise CorpusError(f"{url} answers, but it is not Label Studio. Check LABEL_STUDIO_URL.")
    except BaseException:
        http.close()
        raise
    return Connection(url, kind, sdk, http)


def find_project(connection: Connection, plan: ProjectPlan) -> Project | None:
    """The plan's project, found by its marker, or None."""
    found = read_marked(connection).get(plan.marker, [])
    if len(found) > 1:
        ids = " and ".join(str(project.id) for project in found)
        raise CorpusError(
            f"{connection.url}: projects {ids} are both marked {plan.marker!r}. Keep the one with "
            "the labels and delete the other, or change its description."
        )
    return found[0] if found else None


def prepare_project(connection: Connection, plan: ProjectPlan) -> Project:
    """The plan's project, found or made."""
    return find_project(connection, plan) or _create_project(connection, plan)


def read_marked(connection: Connection) -> dict[str, list[Project]]:
    """Marker -> the projects of the server that bear it: one, unless somebody copied it."""
    found: dict[str, list[Project]] = {}
    with failures_in_words(connection.url, "listing the projects", connection.token_kind):
        for project, marker in _projects(connection):
            if marker.startswith("Parley: "):
                found.setdefault(marker, []).append(project)
    return found


def interface_differs(project: Project, plan: ProjectPlan) -> bool:
    """True when the page or the instructions are not today's codebook's."""
    same_words = _plain(project.instructions) == _plain(plan.instructions)
    return not (_is_same_page(project, plan) and same_words)


def _is_same_page(project: Project, plan: ProjectPlan) -> bool:
    # The server strips the ends of the page, and tidies the tags of the instructions.
    return project.label_config.strip() == plan.label_config.strip()


def update_interface(connection: Connection, project: Project, plan: ProjectPlan) -> None:
    """Bring the page and the instructions to today's codebook, when they differ.

    CorpusError, with nothing changed, where labels in use would be orphaned.
    """
    if not interface_differs(project, plan):
        return
    doing = f"updating the labelling interface of project {project.id}"
    with failures_in_words(connection.url, doing, connection.token_kind):
        if not _is_same_page(project, plan):
            # Stricter than the update, which accepts the removal of a label that is in use.
            connection.sdk.projects.validate_label_config(
                project.id, label_config=plan.label_config
            )
        connection.sdk.projects.update(
            project.id, label_config=plan.label_config, expert_instruction=plan.instructions
        )


def push_tasks(
    connection: Connection,
    project: Project,
    tasks: Sequence[dict[str, Any]],
    progress: Progress = quiet,
) -> int:
    """Send tasks that are not there yet; how many.

    A sentence is never sent twice: after a reply that got lost, what is there is read again instead
    of sending again.
    """
    for start in range(0, len(tasks), CHUNK):
        progress(start, len(tasks))
        chunk = tasks[start : start + CHUNK]
        doing = f"sending tasks {start + 1:,} to {start + len(chunk):,} of {len(tasks):,}"
        try:
            with failures_in_words(connection.url, doing, connection.token_kind):
                connection.sdk.projects.import_tasks(id=project.id, request=chunk)
        except LostReplyError as lost:
            try:
                there = [task.sentence_id for task in read_tasks(connection, project)]
                is_there = not missing_tasks(chunk, there)
            except CorpusError:
                is_there = False
            if not is_there:
                raise CorpusError(
                    f"{lost} What had arrived is kept; run the same command again to send the "
                    "rest, nothing is sent twice."
                ) from None
    progress(len(tasks), len(tasks))
    return len(tasks)


def update_tasks(
    connection: Connection,
    project: Project,
    changes: Sequence[Change],
    progress: Progress = quiet,
) -> int:
    """Give tasks the data they should have, fields of others kept; how many. Again does no harm."""
    for number, change in enumerate(changes):
        progress(number, len(changes))
        doing = f"correcting task {change.task.id} of project {project.id}"
        with failures_in_words(connection.url, doing, connection.token_kind):
            connection.sdk.tasks.update(id=change.task.id, data={**change.task.data, **change.data})
    progress(len(changes), len(changes))
    return len(changes)


def read_tasks(
    connection: Connection,
    project: Project,
    progress: Progress = quiet,
) -> list[PresentTask]:
    """All tasks of the project, without their annotations."""
    doing = f"reading the tasks of project {project.id}"
    with failures_in_words(connection.url, doing, connection.token_kind):
        expected = _counts(connection, project)["task_number"]
        if not expected:
            return []
        pager = connection.sdk.tasks.list(
            project=project.id,
            page_size=PAGE,
            fields="task_only",
            include="id,data,is_labeled",
            resolve_uri=False,
        )
        tasks = []
        for task in pager:
            tasks.append(PresentTask(task.id, task.data, task.is_labeled))
            if len(tasks) % PAGE == 0:
                progress(len(tasks), expected)
    # The pager takes a page that fails with 404 for the end, so believe only a full list. Tasks
    # that are moved between two pages while somebody deletes others would come twice or never.
    ids = {task.id for task in tasks}
    if len(ids) != expected or len(tasks) != expected:
        raise CorpusError(
            f"{connection.url}: project {project.id} has {expected:,} tasks, but {len(ids):,} "
            "were listed. Is somebody changing it? Run the same command again."
        )
    return tasks


def pull_tasks(connection: Connection, project: Project) -> Iterator[dict[str, Any]]:
    """Every task of the project with annotations (skipped ones too) and drafts in full.

    CorpusError after the last one if they are not all: believe none before.
    """
    import ijson

    exports = connection.sdk.projects.exports
    with failures_in_words(
        connection.url, f"exporting project {project.id}", connection.token_kind
    ):
        before = _counts(connection, project)
        snapshot = exports.create(
            project.id,
            title="parley",
            annotation_filter_options={"usual": True, "ground_truth": True, "skipped": True},
            serialization_options={
                "drafts": {"only_id": False},
                "predictions": {"only_id": True},
                "annotations__completed_by": {"only_id": True},
            },
        )
        # To a file and from there task by task: 20,000 of them are 34 MB of text.
        with TemporaryFile() as file:
            try:
                for part in exports.download(project.id, export_pk=snapshot.id, export_type="JSON"):
                    file.write(part)
            finally:
                with suppress(Exception):  # a leftover harms nobody; the first error matters
                    exports.delete(project.id, export_pk=snapshot.id)
            file.seek(0)
            n_tasks = n_answers = 0
            try:
                for task in ijson.items(file, "item", use_float=True):
                    slim = _slim(task)
                    n_tasks += 1
                    n_answers += len(slim.get("annotations") or ())
                    yield slim
            except ijson.JSONError:
                raise CorpusError(
                    f"{connection.url}: the export of project {project.id} is not JSON; it may "
                    "have been cut off. Run the same command again."
                ) from None
    expected = before["total_annotations_number"] + before["skipped_annotations_number"]
    if n_tasks != before["task_number"] or n_answers < expected:
        raise CorpusError(
            f"{connection.url}: project {project.id} has {before['task_number']:,} tasks and "
            f"{expected:,} annotations, but the export holds {n_tasks:,} and {n_answers:,}. Is "
            "somebody changing it? Run the same command again; nothing of it was stored."
        )


# What is read of a task, an annotation and a draft; an export says four times as much.
_READ = {
    "task": ("id", "data", "annotations", "drafts", "predictions"),
    "answer": (
        "id",
        "completed_by",
        "created_at",
        "created_username",
        "lead_time",
        "parent_prediction",
        "result",
        "unique_id",
        "updated_at",
        "user",
        "was_cancelled",
    ),
}


def _slim(task: object) -> dict[str, Any]:
    """The task with what is read of it; ValueError when it is none."""
    if not isinstance(task, dict) or not isinstance(task.get("annotations", []), list):
        raise ValueError("no task")
    found = {key: task[key] for key in _READ["task"] if key in task}
    for name in ("annotations", "drafts"):
        if isinstance(found.get(name), list):
            found[name] = [_answer(answer) for answer in found[name]]
    return found


def _answer(answer: object) -> object:
    if not isinstance(answer, dict):
        return answer
    return {key: _interned(answer[key]) for key in _READ["answer"] if key in answer}


def _interned(value: object) -> object:
    """The same with each key once in memory; the parser makes a new one every time."""
    if isinstance(value, dict):
        return {sys.intern(key): _interned(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_interned(item) for item in value]
    return value


def project_link(connection: Connection, project: Project) -> str:
    """Where an annotator starts labelling."""
    return f"{connection.url}/projects/{project.id}/data?labeling=1"


def _projects(connection: Connection) -> Iterator[tuple[Project, str]]:
    for found in connection.sdk.projects.list(page_size=100):
        project = Project(
            found.id, found.title or "", found.label_config or "", found.expert_instruction or ""
        )
        yield project, found.description or ""


def _counts(connection: Connection, project: Project) -> Counter[str]:
    found = connection.sdk.projects.get(id=project.id)
    names = ("task_number", "total_annotations_number", "skipped_annotations_number")
    return Counter({name: getattr(found, name) or 0 for name in names})


def _create_project(connection: Connection, plan: ProjectPlan) -> Project:
    with failures_in_words(connection.url, f"making project {plan.title!r}", connection.token_kind):
        made = connection.sdk.projects.create(
            title=plan.title,
            description=plan.marker,
            label_config=plan.label_config,
            expert_instruction=plan.instructions,
            show_instruction=True,
            show_skip_button=True,
            # One annotator a project: a skipped sentence is finished, not asked again.
            skip_queue="IGNORE_SKIPPED",
            maximum_annotations=1,
            sampling="Sequential sampling",
            enable_empty_annotation=False,
        )
    return Project(made.id, plan.title, plan.label_config, plan.instructions)


def _plain(html: str) -> str:
    """The words alone."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())
