"""The backend's password: made once, readable by its owner only, never weak."""

from __future__ import annotations

import pytest

from corpus.findings import CorpusError
from corpus.label_studio.secret import VARIABLE, read_secret, secret_path


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv(VARIABLE, raising=False)


def test_it_is_made_once_and_only_its_owner_may_read_it():
    secret, place = read_secret()
    assert len(secret) == 32
    assert secret not in place
    assert place == f"in {secret_path()}"
    assert secret_path().stat().st_mode & 0o777 == 0o600
    assert read_secret() == (secret, place)


def test_the_environment_comes_first(monkeypatch):
    monkeypatch.setenv(VARIABLE, "twenty-characters-long")
    assert read_secret() == ("twenty-characters-long", f"in the environment, {VARIABLE}")
    assert not secret_path().exists()


def test_a_file_that_others_may_read_is_refused():
    secret, _ = read_secret()
    secret_path().chmod(0o640)
    with pytest.raises(CorpusError, match="others may read") as caught:
        read_secret()
    assert secret not in str(caught.value)


@pytest.mark.parametrize("weak", ["", "short", "a passphrase with blanks", "ä" * 20])
def test_a_weak_password_is_refused_and_not_shown(monkeypatch, weak):
    monkeypatch.setenv(VARIABLE, weak)
    with pytest.raises(CorpusError, match=f"a password of {len(weak)} characters") as caught:
        read_secret()
    assert not weak or weak not in str(caught.value)
