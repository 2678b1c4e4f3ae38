"""The projects on the server: found by their mark, made, and held to today's codebook."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from corpus.findings import CorpusError
from corpus.label_studio.client import Connection
from corpus.label_studio.failures import LostReplyError, failures_in_words
from corpus.label_studio.sending import Noting, settled, unnoted


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


def prepare_project(connection: Connection, plan: ProjectPlan, noting: Noting = unnoted) -> Project:
    """The plan's project, found or made; when the reply gets lost, found as soon as it is there."""
    found = find_project(connection, plan)
    if found is not None:
        return found
    try:
        with noting(0):
            return _create_project(connection, plan)
    except LostReplyError:
        found = settled(lambda: find_project(connection, plan))
        if found is None:
            raise
        return found


def read_marked(connection: Connection) -> dict[str, list[Project]]:
    """Marker -> the projects of the server that bear it: one, unless somebody copied it."""
    found: dict[str, list[Project]] = {}
    with failures_in_words(connection.url, "listing the projects", connection.token_kind):
        for project, marker in _projects(connection):
            if marker.startswith("Parley: "):
                found.setdefault(marker, []).append(project)
    return found


def count_tasks(connection: Connection, project: Project) -> int:
    """How many tasks the server says the project has."""
    doing = f"counting the tasks of project {project.id}"
    with failures_in_words(connection.url, doing, connection.token_kind):
        return connection.sdk.projects.get(id=project.id).task_number or 0


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


def project_link(connection: Connection, project: Project) -> str:
    """Where an annotator starts labelling."""
    return f"{connection.url}/projects/{project.id}/data?labeling=1"


def _projects(connection: Connection) -> Iterator[tuple[Project, str]]:
    for found in connection.sdk.projects.list(page_size=100):
        project = Project(
            found.id, found.title or "", found.label_config or "", found.expert_instruction or ""
        )
        yield project, found.description or ""


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
