"""Nothing is ever half-written, and text that is broken is refused with its place."""

import subprocess
import sys

import pytest

from corpus.files import (
    decode_text,
    one_at_a_time,
    read_text,
    replaced_directory,
    write_text,
)
from corpus.findings import CorpusError

# A real "file too large" in the middle of a write: the kernel refuses what is beyond 1,000 bytes.
WRITE_TOO_MUCH = """
import resource, sys
from pathlib import Path
from corpus.files import write_text

resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
try:
    write_text(Path(sys.argv[1]), "x" * 5000)
except OSError as error:
    print(error.strerror)
"""


def test_text_comes_back_as_it_was_written(tmp_path):
    path = tmp_path / "deep" / "a.txt"
    write_text(path, "“Waffenruhe” 停戦 😀\r\n\n")
    assert path.read_bytes() == "“Waffenruhe” 停戦 😀\r\n\n".encode()
    assert read_text(path) == "“Waffenruhe” 停戦 😀\r\n\n"
    assert [item.name for item in path.parent.iterdir()] == ["a.txt"]


def test_a_full_disk_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "old")
    done = subprocess.run(
        [sys.executable, "-P", "-c", WRITE_TOO_MUCH, str(path)],
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout == "File too large\n"
    assert path.read_text() == "old"
    assert [item.name for item in tmp_path.iterdir()] == ["a.txt"]


def test_text_that_cannot_be_stored_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_text(path, "\ud83d")
    assert path.read_text() == "old"
    assert [item.name for item in tmp_path.iterdir()] == ["a.txt"]


def test_a_rewritten_file_keeps_its_mode(tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "old")
    path.chmod(0o640)
    write_text(path, "new")
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_byte_order_mark_is_not_text(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfTalks")
    assert read_text(tmp_path / "a.txt") == "Talks"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        # G a z a   f ü r: the seventh byte, offset 6.
        ("Gaza für".encode("latin-1"), "not UTF-8: byte 0xfc at offset 6. If it is Latin-1: iconv"),
        (b"PK\x03\x04\x00\x00", "not text: a NUL byte at offset 4. Expected plain text in UTF-8"),
        ("Talks".encode("utf-16"), "not text: a NUL byte at offset 3"),
        # A surrogate half in UTF-8 clothes (CESU-8) is not UTF-8.
        (b"ab\xed\xa0\xbd", "not UTF-8: byte 0xed at offset 2"),
    ],
    ids=["Latin-1", "zip archive", "UTF-16", "lone surrogate"],
)
def test_what_is_not_utf8_is_refused_with_its_offset(data, message):
    with pytest.raises(CorpusError) as refusal:
        decode_text(data, "a.txt")
    assert str(refusal.value).startswith(f"a.txt: {message}")


@pytest.mark.parametrize("name", ["missing.txt", "."])
def test_what_cannot_be_read_is_named(tmp_path, name):
    with pytest.raises(CorpusError, match=r"cannot be read: (No such file|Is a directory)"):
        read_text(tmp_path / name)


def content(folder):
    return {path.name: path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_is_replaced_as_a_whole(tmp_path):
    path = tmp_path / "build" / "out"
    for text in ("old", "new"):
        with replaced_directory(path, mark="a.txt") as folder:
            (folder / "a.txt").write_text(text)
            (folder / f"{text}.txt").write_text("")
    assert content(tmp_path) == {"a.txt": "new", "new.txt": ""}
    assert [item.name for item in path.parent.iterdir()] == ["out"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError, SystemExit])
def test_a_block_that_fails_leaves_the_old_folder(tmp_path, error):
    path = tmp_path / "out"
    with replaced_directory(path, mark="a.txt") as folder:
        (folder / "a.txt").write_text("old")

    def fail():
        with replaced_directory(path, mark="a.txt") as folder:
            (folder / "a.txt").write_text("half")
            raise error

    with pytest.raises(error):
        fail()
    assert content(tmp_path) == {"a.txt": "old"}
    assert [item.name for item in tmp_path.iterdir()] == ["out"]


def test_a_folder_that_cannot_take_its_place_leaves_the_old_one(tmp_path):
    path = tmp_path / "out"
    with replaced_directory(path, mark="a.txt") as folder:
        (folder / "a.txt").write_text("old")
    # Somebody else tidies up too eagerly: there is nothing left to rename.
    with pytest.raises(FileNotFoundError), replaced_directory(path, mark="a.txt") as folder:
        folder.rmdir()
    assert content(tmp_path) == {"a.txt": "old"}
    assert [item.name for item in tmp_path.iterdir()] == ["out"]


KILLED = """
import os, signal, sys
from pathlib import Path
from corpus.files import replaced_directory

with replaced_directory(Path(sys.argv[1]), mark="a.txt") as folder:
    (folder / "half.txt").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_run_left_is_swept_by_the_next(tmp_path):
    path = tmp_path / "out"
    with replaced_directory(path, mark="a.txt") as folder:
        (folder / "a.txt").write_text("old")
    killed = subprocess.run([sys.executable, "-P", "-c", KILLED, str(path)], check=False)
    assert killed.returncode == -9
    assert content(path) == {"a.txt": "old"}
    assert len(list(tmp_path.iterdir())) == 2
    with replaced_directory(path, mark="a.txt") as folder:
        assert list(folder.iterdir()) == []
        (folder / "a.txt").write_text("new")
    assert content(tmp_path) == {"a.txt": "new"}


def test_a_run_killed_between_the_two_renames_loses_nothing(tmp_path):
    # What such a run leaves: the old folder renamed, the new one not yet in its place.
    path = tmp_path / "out"
    (tmp_path / ".out.old").mkdir()
    (tmp_path / ".out.old" / "a.txt").write_text("old")
    (tmp_path / ".out.part").mkdir()
    with pytest.raises(OSError, match="disk"), replaced_directory(path, mark="a.txt"):
        raise OSError("disk full")
    assert content(tmp_path) == {"a.txt": "old"}
    assert path.is_dir()


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_what_this_program_did_not_write_is_never_replaced(tmp_path, kind):
    path = tmp_path / "thesis"
    if kind == "folder":
        path.mkdir()
        (path / "chapter.txt").write_text("mine")
    else:
        path.write_text("mine")
    before = content(tmp_path)
    with (
        pytest.raises(CorpusError, match=r"thesis: .* Choose another folder"),
        replaced_directory(path, mark="a.txt"),
    ):
        raise AssertionError("the block must not run")
    assert content(tmp_path) == before


def test_the_current_folder_can_be_replaced_by_its_dot(tmp_path, monkeypatch):
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path / "out")
    with replaced_directory(type(tmp_path)(), mark="a.txt") as folder:
        (folder / "a.txt").write_text("new")
    assert content(tmp_path) == {"a.txt": "new"}


def test_a_second_worker_is_refused_until_the_first_is_done(tmp_path):
    refused = pytest.raises(CorpusError, match="another command is syncing")
    with one_at_a_time(tmp_path), refused, one_at_a_time(tmp_path):
        pytest.fail("two work at once")
    with one_at_a_time(tmp_path):
        pass
