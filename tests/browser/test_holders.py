"""Chromium marks holders with the mouse, and what was selected arrives as records."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest

from corpus.annotations import read_annotations
from corpus.label_studio import sync
from corpus.label_studio.holders_page import shown
from corpus.records import Holder
from tests.browser_fixtures import LabellingPage

pytestmark = [pytest.mark.server, pytest.mark.browser]

ACTORS = """\
format = 1

[[actors]]
id = "council"
name = "Northern Council"
kind = "party"
"""

# Where words stand on the screen: a rectangle a line, in the order of reading.
RECTANGLES = """([start, end]) => {
  const walker = document.createTreeWalker(
    document.querySelector('.parley-sentence .lsf-richtext__container'), NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  for (let position = 0, node; (node = walker.nextNode()); position += node.length) {
    if (position <= start && start < position + node.length)
      range.setStart(node, start - position);
    if (position < end && end <= position + node.length)
      range.setEnd(node, end - position);
  }
  return [...range.getClientRects()].map(({left, right, top, bottom}) =>
    ({left, right, middle: (top + bottom) / 2}));
}"""


class HoldersPage(LabellingPage):
    """The second pass of a project, worked by mouse and keys."""

    first_control = ".parley-holder"
    text = ""

    def show(self, text):
        self.text = text
        self.wait_for_sentence(text)

    def rectangles(self, words):
        """Where the words are, which stand once in the sentence or the line below it."""
        before, _, after = shown(self.text).partition(words)
        assert words not in after
        # JavaScript counts UTF-16 units, and the line break is no text on the page.
        start = utf16_length(before.replace("\n", ""))
        return self.page.evaluate(RECTANGLES, [start, start + utf16_length(words)])

    def mark(self, key, words, *, right_to_left=False):
        """Press a stance's key and drag the mouse over words; wait for the region."""
        first, *_, last = self.rectangles(words) * 2
        edges = (first["left"] + 1, last["right"] - 1)
        if right_to_left:
            edges = (first["right"] - 1, last["left"] + 1)
        before = self.labels()
        self.press(key)
        self.page.locator(".parley-holder .lsf-label_selected").wait_for()
        mouse = self.page.mouse
        mouse.move(edges[0], first["middle"])
        mouse.down()
        mouse.move(sum(edges) / 2, (first["middle"] + last["middle"]) / 2, steps=2)
        mouse.move(edges[1], last["middle"], steps=2)
        mouse.up()
        self.wait_for_labels(before + 1)

    def labels(self):
        """How many regions there are: the last piece of each bears its label."""
        return self.page.locator(".htx-highlight[data-label]").count()

    def wait_for_labels(self, number):
        self.page.wait_for_function(
            "n => document.querySelectorAll('.htx-highlight[data-label]').length === n", arg=number
        )

    def select(self, words):
        """Click on words that are marked, at their beginning."""
        where = self.rectangles(words)[0]
        self.page.mouse.click(where["left"] + 4, where["middle"])
        self.page.locator(".parley-act").wait_for()


def utf16_length(text):
    return len(text.encode("utf-16-le")) // 2


@pytest.fixture
def marking(logged_in, label_studio):
    pages = []

    def open_page(corpus):
        [plan] = sync.plans(corpus, ["h1"])
        project = sync.push(label_studio.connection, corpus, plan).project
        pages.append(HoldersPage(logged_in, label_studio, project))
        return pages[-1]

    yield open_page
    for page in pages:
        page.page.close()


def pulled(label_studio, corpus):
    """The records of the second pass after a sync, in the order of the sentences."""
    [plan] = sync.plans(corpus, ["h1"])
    assert sync.sync(label_studio.connection, corpus, plan).findings == ()
    return read_annotations(corpus.path, "h1")


def holder(text, words, *rest):
    start = text.index(words)
    return Holder(start, start + len(words), *rest)


def seeds(name):
    root = Path(__file__).resolve().parents[2]
    text = (root / "seeds" / "codebook.toml").read_text(encoding="utf-8")
    return text.replace('name = "ceasefire"', f'name = "{name}"', 1)


def test_holders_are_marked_changed_and_deleted(label_studio, marking, second_pass):
    text = (
        "“Peace 🕊 now”, said the council’s envoys 👩‍👩‍👧, after the southern rivals and their backers "
        "in the port city had refused the draft that the mediators brought on Monday."
    )
    corpus = second_pass(
        ("mixed", None),
        text=f"{text}\nThe mediators left.\n",
        codebook=seeds("marks"),
        actors=ACTORS,
    )
    page = marking(corpus)
    page.show(text)
    page.page.get_by_text("You coded: mixed").wait_for()

    page.mark("3", "southern rivals and their backers")
    page.mark("3", "their backers")
    page.mark("1", "council’s envoys")
    page.mark("1", "does not name")
    page.mark("2", "mediators")
    page.select("mediators")
    page.press("Backspace")
    page.wait_for_labels(4)

    page.select("southern rivals")
    page.press_and_see("Shift+5", "refuse")
    page.select("their backers")
    page.press_and_see("Shift+7", "accuse")
    page.select("does not")
    page.press_and_see("Shift+2", "offer")
    page.select("council’s envoys")
    page.press_and_see("Shift+3", "comply")
    actor = page.page.locator(".parley-note input, .parley-note textarea").first
    actor.fill("Northern Council")
    page.press("Enter")
    page.page.locator(".parley-note").get_by_text("Northern Council").wait_for()
    page.select("southern rivals")  # what was chosen for another is not this one's
    page.see("refuse")
    bottom, bar = (
        page.page.locator(place).bounding_box() for place in (".parley-note", ".lsf-bottombar")
    )
    assert bottom["y"] + bottom["height"] <= bar["y"]
    if os.environ.get("PARLEY_SCREENSHOT"):
        page.page.screenshot(path=os.environ["PARLEY_SCREENSHOT"])
    page.submit()

    [record] = pulled(label_studio, corpus)
    assert record.seconds is not None
    assert record.seconds > 0
    [labels] = corpus.annotations["pilot"]
    assert record == dataclasses.replace(
        labels,
        holders=(
            holder(text, "council’s envoys", "council", "favor", "comply"),
            holder(text, "southern rivals and their backers", None, "against", "refuse"),
            holder(text, "their backers", None, "against", "accuse"),
            Holder(None, None, None, "favor", "offer"),
        ),
        created_at=record.created_at,
        seconds=record.seconds,
        source=record.source,
    )


def test_right_to_left_words_are_marked_as_they_are_read(label_studio, marking, second_pass):
    hebrew = "🕊 ישראל דחתה את ההצעה, אמר שַׂר הַבִּטָּחוֹן ביום שלישי."
    arabic = "قال وفدُ الشمال 🕊 إنه يقبل الهدنة."
    corpus = second_pass(
        ("against", "refuse"),
        ("favor", "offer"),
        text=f"{hebrew}\n{arabic}\n",
        codebook=seeds("right-to-left"),
    )
    texts = [sentence.text for sentence in corpus.sentences.values()]  # cleaned, so in NFC
    words = [texts[0].split("אמר ")[1].split(" ביום")[0], "وفدُ الشمال"]
    page = marking(corpus)
    page.show(texts[0])
    [beginning] = page.rectangles("ישראל")
    assert beginning["left"] > 1280 / 2  # such a sentence begins at the right
    page.mark("3", words[0], right_to_left=True)
    page.select(words[0])
    page.press_and_see("Shift+5", "refuse")
    page.submit(following=texts[1])
    page.show(texts[1])
    page.mark("1", words[1], right_to_left=True)
    page.select(words[1])
    page.press_and_see("Shift+2", "offer")
    page.submit()
    assert [line.holders for line in pulled(label_studio, corpus)] == [
        (holder(texts[0], words[0], None, "against", "refuse"),),
        (holder(texts[1], words[1], None, "favor", "offer"),),
    ]


def test_an_act_cannot_be_forgotten(marking, second_pass):
    corpus = second_pass(
        ("favor", "offer"), text="The council accepts.\n", codebook=seeds("acts-2")
    )
    page = marking(corpus)
    page.show("The council accepts.")
    page.mark("1", "council")
    page.press("Control+Enter")
    warning = page.page.locator(".ant-modal-confirm")
    warning.get_by_text(corpus.codebook.act.question).wait_for()
    page.press("Escape")
    warning.wait_for(state="hidden")
    page.press_and_see("Shift+2", "offer")  # the region is selected already
