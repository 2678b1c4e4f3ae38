"""How long to wait for what was sent, and what is left behind for the next run."""

import time

import pytest

from corpus.findings import CorpusError
from corpus.label_studio import sending
from corpus.label_studio.failures import LostReplyError


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr(sending, "SETTLE_SECONDS", 0.1)
    monkeypatch.setattr(sending, "POLL_SECONDS", 0.001)


def test_what_is_found_ends_the_wait():
    looks = iter([None, None, "there"])
    assert sending.settled(lambda: next(looks)) == "there"


def test_the_wait_ends_though_nothing_is_found_and_counts_from_the_sending():
    looks = []
    assert sending.settled(lambda: looks.append(None)) is None
    assert len(looks) > 1
    assert sending.settled(lambda: looks.append(None), time.time() - 60) is None
    before = len(looks)
    assert sending.settled(lambda: looks.append(None), time.time() - 60) is None
    assert len(looks) == before + 1  # long ago: one look is enough


@pytest.mark.parametrize(
    ("ends", "is_left"),
    [(None, False), (CorpusError("refused"), False), (LostReplyError("?"), True),
     (KeyboardInterrupt(), True)],
)  # fmt: skip
def test_a_note_is_left_when_nobody_knows_what_became_of_it(tmp_path, ends, is_left):
    asked = []

    def is_done(marker, n_tasks):
        asked.append((marker, n_tasks))
        return True

    try:
        with sending.noted(tmp_path, "Parley: corpus c", 7):
            if ends is not None:
                raise ends
    except (CorpusError, KeyboardInterrupt):
        pass
    sending.wait_for_last(tmp_path, is_done)
    assert asked == [("Parley: corpus c", 7)] * is_left
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"marker": "m", "tasks": "x", "sent_at": 0}'])
def test_a_broken_note_is_waited_for_by_nobody(tmp_path, text):
    (tmp_path / sending.NOTE).write_text(text)
    sending.wait_for_last(tmp_path, lambda *_: pytest.fail("asked"))
    assert list(tmp_path.iterdir()) == []
