"""The password of the live backend: of the environment, or of a file only its owner may read."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from corpus.files import read_text, write_private
from corpus.findings import CorpusError
from corpus.label_studio.server import data_folder

VARIABLE = "PARLEY_BACKEND_SECRET"
# Label Studio sends it as Latin-1, some proxies as UTF-8: both are the same for these characters.
STRONG = re.compile(r"[!-~]{20,}")


def secret_path() -> Path:
    """Where a generated password lies: outside the repository."""
    return data_folder().parent / "backend-secret"


def read_secret() -> tuple[str, str]:
    """The password, made the first time, and where it is from, in words that may be printed."""
    given = os.environ.get(VARIABLE)
    if given is not None:
        return _strong(given, VARIABLE), f"in the environment, {VARIABLE}"
    path = secret_path()
    if not path.exists():
        write_private(path, secrets.token_urlsafe(24) + "\n")
    if path.stat().st_mode & 0o077:
        raise CorpusError(
            f"{path}: others may read this password. Make it yours alone: chmod 600 {path}"
        )
    return _strong(read_text(path).strip(), str(path)), f"in {path}"


def _strong(secret: str, place: str) -> str:
    if not STRONG.fullmatch(secret):
        raise CorpusError(
            f"{place}: a password of {len(secret)} characters; expected 20 or more, without blanks "
            "or accents. One is made where neither the variable nor the file is there."
        )
    return secret
