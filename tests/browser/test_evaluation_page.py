"""Chromium opens the evaluation page: nothing is fetched, nothing complains, all figures are true."""

from __future__ import annotations

import json

import pytest

from model.page import at, page, shown_as
from tests.evaluation_report import OUTLET, full_report

pytestmark = pytest.mark.browser

WIDTHS = {"screen": 1280, "phone": 360}


@pytest.fixture(scope="module")
def opened(chromium, tmp_path_factory):
    """The page of a report with everything in it, the report, and what the page asked and said."""
    report = json.loads(json.dumps(full_report()))
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(page(report), encoding="utf-8")
    context = chromium.new_context()
    context.route(lambda url: not url.startswith("file:"), lambda route: route.abort("failed"))
    tab = context.new_page()
    asked, said = [], []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.goto(path.as_uri())
    yield tab, report, path.as_uri(), asked, said
    context.close()


def test_nothing_is_asked_for_but_the_page_and_nothing_complains(opened):
    _, _, address, asked, said = opened
    assert (asked, said) == ([address], [])


def test_every_figure_is_that_of_the_report(opened):
    tab, report, *_ = opened
    found = tab.eval_on_selector_all(
        "[data-figure]",
        "all => all.map(one => [one.dataset.figure, one.dataset.form, one.textContent])",
    )
    assert len(found) > 100
    wrong = [one for one in found if one[2] != shown_as(at(report, one[0]), one[1])]
    assert wrong == []
    assert {one[0] for one in found} >= {
        "/scores/three_way_macro_f1/value",
        "/cross_validation/split_gap/gap/value",
        "/audit/n_hanging",
        "/calibration/error",
    }


def test_markup_in_names_stays_text(opened):
    tab, *_ = opened
    assert tab.locator("b").count() == 0
    assert tab.get_by_text(OUTLET).first.is_visible()


@pytest.mark.parametrize("name", WIDTHS)
def test_nothing_stands_outside_the_window(opened, name):
    tab, *_ = opened
    tab.set_viewport_size({"width": WIDTHS[name], "height": 800})
    assert tab.evaluate("document.documentElement.scrollWidth") <= WIDTHS[name]
    assert tab.locator("svg.plot").first.bounding_box()["width"] > 300


def test_the_drawings_have_the_colours_of_the_scheme(opened):
    tab, *_ = opened
    seen = set()
    for scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=scheme)
        seen.add(tab.locator("circle.model").first.evaluate("one => getComputedStyle(one).fill"))
    assert len(seen) == 2
