"""What every script does around its work: exit codes, and errors in words instead of tracebacks.

0 fine, 1 the input has problems, 2 wrong usage, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from corpus.findings import CorpusError

Main = Callable[[Sequence[str]], int]
STOPPED = "Stopped. Nothing was left half-written; run the same command again to go on."


def run(main: Main, *expected: type[Exception]) -> None:
    """Call ``main`` with the command line and leave the process with its exit code.

    The message of a CorpusError, or of an ``expected`` error, is meant for the user. With
    ``--debug`` anywhere on the command line every error keeps its traceback.
    """
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    caught: tuple[type[Exception], ...] = (CorpusError, *expected)
    debug = len(arguments) < len(sys.argv) - 1
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # results are UTF-8, whatever the locale says
    try:
        code = main(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        say(STOPPED)
        code = 130
    except BrokenPipeError:
        _drop_output()  # the reader (head, less) has gone
        code = 0
    except caught as error:
        if debug:
            raise
        say(str(error))
        code = 1
    except OSError as error:
        if debug:
            raise
        where = f"{error.filename}: " if error.filename else ""
        say(
            f"{where}{error.strerror or error}. No file was left half-written; "
            "what was printed may be incomplete."
        )
        try:
            sys.stdout.flush()
        except OSError:
            _drop_output()
        code = 1
    sys.exit(code)


def _drop_output() -> None:
    """Send what is left to nowhere, or Python complains about it again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def parser(description: str | None, examples: str) -> argparse.ArgumentParser:
    """The parser that every script starts from: its docstring above, working examples below."""
    found = argparse.ArgumentParser(
        description=description,
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    found.add_argument("--debug", action="store_true", help="show tracebacks of errors")
    return found


def corpus_parser(description: str | None, examples: str) -> argparse.ArgumentParser:
    """The parser of a script that works on a corpus folder: ``--corpus``, by default the seeds."""
    found = parser(description, examples)
    found.add_argument(
        "--corpus", type=Path, default=Path("seeds"), help="the corpus folder (default: seeds)"
    )
    return found


def above_zero(number: type[int] | type[float]) -> Callable[[str], float]:
    """The type of an option that must be more than zero; anything else is wrong usage."""

    def read(text: str) -> float:
        value = number(text)
        if not value > 0:
            raise argparse.ArgumentTypeError(f"{text} is not more than 0")
        return value

    read.__name__ = number.__name__  # argparse says: invalid int value
    return read


def share(text: str) -> float:
    """The type of an option that is a part of a whole: 0 to 1; anything else is wrong usage."""
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return value


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A callback for (done, total) that draws a bar on stderr, and nothing unless on a terminal.

    A total of 0: nobody knows how long it will take.
    """
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)


def make_command(target: str, corpus: Path = Path("seeds"), **variables: object) -> str:
    """The make command for a next step, on the corpus at hand.

    >>> make_command("sync", Path("strikes"), BATCH="b001"), make_command("train")
    ('make sync CORPUS=strikes BATCH=b001', 'make train')
    """
    given = {"CORPUS": corpus, **variables} if corpus != Path("seeds") else variables
    return " ".join(["make", target, *(f"{name}={value}" for name, value in given.items())])


def say(message: str) -> None:
    """Talk to the person, on stderr; stdout is for results."""
    sys.stderr.write(message + "\n")
    sys.stderr.flush()


def count(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun.

    >>> count(1, "sentence"), count(1200, "sentence"), count(2, "reply", "replies")
    ('1 sentence', '1,200 sentences', '2 replies')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def _stopped_while_importing(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Ctrl-C before ``run`` is reached: scikit-learn alone takes a second to import."""
    if issubclass(kind, KeyboardInterrupt):
        say(STOPPED)
    else:
        sys.__excepthook__(kind, error, trace)


if Path(sys.argv[0]).parent.name == "scripts":
    sys.excepthook = _stopped_while_importing
