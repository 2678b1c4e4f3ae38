"""A Chromium that is logged in to the Label Studio server of the tests, and its labelling stream."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager

import pytest

from corpus.label_studio import projects

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def chromium():
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        try:  # without a path: the browser that `make test` may have installed for playwright
            browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        except sync_api.Error:
            pytest.skip("there is no Chromium to run; Debian, Ubuntu: sudo apt install chromium")
        yield browser
        browser.close()


@contextmanager
def session(chromium, label_studio):
    """A browser session of the server's user; requests to other hosts are refused."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.route(
        lambda url: not url.startswith(label_studio.url), lambda route: route.abort("failed")
    )
    page = context.new_page()
    page.goto(f"{label_studio.url}/user/login/")
    page.fill("input[name=email]", label_studio.running.credentials.user)
    page.fill("input[name=password]", label_studio.running.credentials.password)
    page.click("button[type=submit]")
    page.wait_for_url(lambda url: "/user/login" not in url, wait_until="commit")
    yield context
    context.close()


@pytest.fixture(scope="session")
def logged_in(chromium, label_studio):
    """A session on the server that most tests share."""
    with session(chromium, label_studio) as context:
        yield context


class LabellingPage:
    """The labelling stream of a project, worked by its keys."""

    first_control = ".parley-stance"

    def __init__(self, context, label_studio, project):
        self.page = context.new_page()
        self.project = project
        self.page.goto(projects.project_link(label_studio.connection, project))
        self.page.locator(self.first_control).wait_for()  # no key counts before
        self.page.locator("text=Labeling Instructions").wait_for()
        self.page.wait_for_load_state("networkidle")
        self.press("Escape")
        self.page.locator("text=Labeling Instructions").wait_for(state="hidden")

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def press_and_see(self, key, *chosen):
        """Press a key and wait until exactly these values are chosen among the visible ones."""
        self.press(key)
        self.see(*chosen)

    def see(self, *chosen):
        """Wait until exactly these values are chosen among the visible ones."""
        self.page.wait_for_function(
            "wanted => JSON.stringify([...document.querySelectorAll('.parley input:checked')]"
            ".filter(box => box.closest('.lsf-choice').offsetParent).map(box => box.name).sort())"
            " === JSON.stringify(wanted)",
            arg=sorted(chosen),
        )

    def submit(self, following=None):
        """Ctrl+Enter, then wait for the answer to be stored and the next sentence to show."""
        with self.page.expect_response(
            lambda reply: reply.request.method == "POST" and "/annotations" in reply.url
        ) as reply:
            self.press("Control+Enter")
        assert reply.value.status == 201
        if following is not None:
            self.wait_for_sentence(following)

    def wait_for_sentence(self, text):
        self.page.locator(".parley-sentence", has_text=text).wait_for()
