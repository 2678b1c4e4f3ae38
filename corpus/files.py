"""Reading text that may be broken, and writing so that nothing is ever half-written."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corpus.findings import CorpusError


def read_text(path: Path) -> str:
    """The file's text, UTF-8 without byte-order mark; anything else is refused with its place."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read: {error.strerror}.") from None
    return decode_text(data, str(path))


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Nobody else who asks may work on the folder meanwhile: they get a CorpusError.

    Two that sync at once would each send what the other is sending. The lock is on the folder
    itself and ends with the process, however it ends.
    """
    if not folder.is_dir():
        yield  # whoever reads the folder says so
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CorpusError(
                f"{folder}: another command is syncing this corpus right now. Run this again when "
                "it is done."
            ) from None
        yield
    finally:
        os.close(descriptor)


def decode_text(data: bytes, place: str) -> str:
    """Bytes as text; binary and other encodings are refused with the offset and the way out.

    >>> decode_text("Waffenruhe für Gaza".encode("latin-1"), "a.txt")
    Traceback (most recent call last):
    corpus.findings.CorpusError: a.txt: not UTF-8: byte 0xfc at offset 12. If it is Latin-1: ...
    """
    if b"\0" in data:
        offset = data.index(b"\0")
        raise CorpusError(
            f"{place}: not text: a NUL byte at offset {offset}. Expected plain text in UTF-8."
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CorpusError(
            f"{place}: not UTF-8: byte 0x{data[error.start]:02x} at offset {error.start}. "
            "If it is Latin-1: iconv -f latin1 -t utf-8 FILE"
        ) from None


def write_text(path: Path, text: str) -> None:
    """Write aside, flush to the disk, rename: readers see the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    aside = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        aside.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def write_private(path: Path, text: str) -> None:
    """Like ``write_text``, for a secret: only its owner may read it at any moment."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = path.with_name(f"{path.name}.part")
    aside.unlink(missing_ok=True)
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    aside.replace(path)


@contextmanager
def replaced_directory(path: Path, *, mark: str) -> Iterator[Path]:
    """A new empty folder that takes the place of ``path`` when the block ends well.

    Ctrl-C, a full disk or any error leaves the old folder as it was. Leftovers of a killed run
    are swept up by the next one. A folder that holds something, but no file named ``mark``, was
    not written by us and is never replaced.
    """
    path = path.resolve()  # "." has no name of its own
    if path.exists() and not (path / mark).exists() and (path.is_file() or any(path.iterdir())):
        raise CorpusError(
            f"{path}: holds something that this program did not write, and would be replaced. "
            "Choose another folder, or a new name."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    aside, old = (path.with_name(f".{path.name}.{suffix}") for suffix in ("part", "old"))
    if old.exists() and not path.exists():
        old.rename(path)  # a run was killed between the two renames below
    for leftover in (aside, old):
        shutil.rmtree(leftover, ignore_errors=True)
    try:
        aside.mkdir()
        yield aside
        if path.exists():
            path.rename(old)
        aside.rename(path)
    except BaseException:
        if old.exists() and not path.exists():
            old.rename(path)
        raise
    finally:
        for leftover in (aside, old):
            shutil.rmtree(leftover, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
