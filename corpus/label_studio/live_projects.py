"""The live backend of a project: connected once, found again by its title, with its webhook."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Literal

from corpus.findings import CorpusError
from corpus.label_studio.backend import USER, webhook_auth
from corpus.label_studio.client import Connection
from corpus.label_studio.failures import failures_in_words
from corpus.label_studio.projects import Project

TITLE = "Parley"
BLOCKED = "addresses of the server's own machine are blocked."
BLOCKED_ADVICE = (
    "`make predictions` works all the same; a live backend needs another host, or a server of "
    "this machine started for it: `make label-studio ARGS=--allow-backend` (another test server: "
    "ML_BLOCK_LOCAL_IP=false SSRF_PROTECTION_ENABLED=false)."
)


def connect_backend(
    connection: Connection, project: Project, url: str, secret: str
) -> Literal["connected", "connected again"]:
    """Make the backend at ``url`` the one that this project asks; again changes nothing but that.

    Label Studio calls it at once, so it must be running. CorpusError when the project has another
    backend, or Label Studio refuses; then nothing half-made stays.
    """
    doing = f"connecting the backend to project {project.id}"
    settings: dict[str, Any] = {
        "project": project.id,
        "url": url,
        "title": TITLE,
        "auth_method": "BASIC_AUTH",
        "basic_auth_user": USER,
        "basic_auth_pass": secret,
    }
    with failures_in_words(connection.url, doing, connection.token_kind):
        present = list(connection.sdk.ml.list(project=project.id))
    others = [found for found in present if found.title != TITLE and found.url != url]
    if others:
        raise CorpusError(
            f"{connection.url}: project {project.id} has another backend, {others[0].title!r} at "
            f"{others[0].url}, and Label Studio asks only one. Remove it there (Settings, Model), "
            "then run the same command again."
        )
    old_urls = {found.url for found in present}
    try:
        with failures_in_words(connection.url, doing, connection.token_kind):
            if present:
                connection.sdk.ml.update(present[0].id, **settings)
                for copy in present[1:]:
                    connection.sdk.ml.delete(copy.id)
            else:
                connection.sdk.ml.create(**settings)
            _set_webhook(connection, project, url, old_urls - {url}, secret)
            # Whose predictions are preselected: those of the backend with this title.
            connection.sdk.projects.update(
                project.id, model_version=TITLE, show_collab_predictions=True
            )
    except CorpusError as error:
        if not present:
            forget_backend(connection, project, url)
        if is_blocked(error):
            raise CorpusError(f"{connection.url}: {BLOCKED} {BLOCKED_ADVICE}") from None
        raise
    return "connected again" if present else "connected"


def _set_webhook(
    connection: Connection, project: Project, url: str, old_urls: set[str], secret: str
) -> None:
    """One webhook, at this address, that says only what happened and never to what.

    Label Studio makes it without the password, and leaves the one of an older address behind.
    """
    hooks = connection.sdk.webhooks
    right = f"{url.rstrip('/')}/webhook"
    stale = {f"{old.rstrip('/')}/webhook" for old in old_urls}
    settings = {"send_payload": False, "headers": {"Authorization": webhook_auth(secret)}}
    found = list(hooks.list(project=str(project.id)))
    for hook in found:
        if hook.url in stale:
            hooks.delete(hook.id)
    mine = [hook for hook in found if hook.url == right]
    if mine:
        hooks.update(mine[0].id, **settings)
    else:
        hooks.create(url=right, project=project.id, send_for_all_actions=True, **settings)


def is_blocked(error: CorpusError) -> bool:
    """True when Label Studio refuses to call addresses of its own machine or network."""
    return "reserved network address" in str(error)


def forget_backend(connection: Connection, project: Project, url: str) -> None:
    """Take the project's backend at ``url`` away, if the server kept it."""
    with suppress(Exception):  # the first error matters
        for found in connection.sdk.ml.list(project=project.id):
            if found.url == url:
                connection.sdk.ml.delete(found.id)
