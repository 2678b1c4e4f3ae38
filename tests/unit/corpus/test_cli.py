"""What every script does around its work: exit codes, and words instead of tracebacks."""

import sys

import pytest

from corpus.cli import corpus_parser, progress_bar, run
from corpus.findings import CorpusError


@pytest.fixture
def leave(monkeypatch, capsys):
    """Run a main with a command line: (exit code, stderr)."""

    def make(main, *arguments, expected=()):
        monkeypatch.setattr(sys, "argv", ["script.py", *arguments])
        with pytest.raises(SystemExit) as end:
            run(main, *expected)
        return end.value.code, capsys.readouterr().err

    return make


def raises(error):
    def main(arguments):
        raise error

    return main


@pytest.mark.parametrize("code", [0, 1])
def test_the_code_of_main_is_the_exit_code(leave, code):
    assert leave(lambda arguments: code) == (code, "")


def test_a_corpus_error_is_said_and_exits_1(leave):
    assert leave(raises(CorpusError("a.txt: is empty."))) == (1, "a.txt: is empty.\n")


def test_an_expected_error_is_said_and_exits_1(leave):
    error = ZeroDivisionError("nothing to divide by")
    assert leave(raises(error), expected=(ZeroDivisionError,)) == (1, "nothing to divide by\n")


def test_ctrl_c_exits_130(leave):
    code, said = leave(raises(KeyboardInterrupt()))
    assert code == 130
    assert said.startswith("Stopped. Nothing was left half-written")


def test_a_full_disk_exits_1_and_names_the_file(leave):
    error = OSError(28, "No space left on device", "out/a.txt")
    assert leave(raises(error)) == (
        1,
        "out/a.txt: No space left on device. No file was left half-written; "
        "what was printed may be incomplete.\n",
    )  # fmt: skip


@pytest.mark.parametrize("error", [CorpusError("bad"), OSError(28, "full")])
def test_debug_keeps_the_traceback_anywhere_on_the_line(monkeypatch, error):
    monkeypatch.setattr(sys, "argv", ["script.py", "file", "--debug"])
    with pytest.raises(type(error)):
        run(raises(error))


def test_debug_is_not_an_argument_of_main(leave):
    seen = []
    leave(lambda arguments: seen.append(arguments) or 0, "--debug", "a")
    assert seen == [["a"]]


def test_an_unexpected_error_is_not_hidden(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["script.py"])
    with pytest.raises(ZeroDivisionError):
        run(raises(ZeroDivisionError()))


def test_wrong_usage_exits_2(leave):
    def main(arguments):
        corpus_parser("What it does.", "  an example").parse_args(arguments)
        return 0

    code, said = leave(main, "--corpse", "x")
    assert code == 2
    assert "unrecognized arguments: --corpse x" in said


def test_no_progress_is_drawn_where_no_one_looks(capsys):
    with progress_bar("training") as progress:
        progress(1, 2)
    assert capsys.readouterr() == ("", "")
