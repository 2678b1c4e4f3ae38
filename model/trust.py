"""Whether a joblib file may be unpickled.

Unpickling runs whatever program the file holds. A digest inside the bundle cannot make that safe,
because whoever changes the file can change the digest. So a joblib file is loaded only when its
sha256 is named from outside: by the caller, or in the user's own trust list,
`$XDG_CONFIG_HOME/parley/trusted.txt` (by default `~/.config/parley/trusted.txt`), one digest a
line, `#` starts a comment. Classifying needs none of this: `model.bundle.load` never unpickles.
"""

import hashlib
import io
import os
import re
import warnings
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from model.bundle import JOBLIB
from model.errors import ModelError
from model.manifest import TRAIN_AGAIN, read_manifest


def trust_list_path() -> Path:
    """Where the user's trust list lies; it need not exist."""
    configured = os.environ.get("XDG_CONFIG_HOME", "")
    # The XDG Base Directory Specification 0.8: a relative path there is invalid and ignored.
    base = Path(configured) if Path(configured).is_absolute() else Path.home() / ".config"
    return base / "parley" / "trusted.txt"


def read_trust_list(path: Path) -> frozenset[str]:
    """The digests in a trust list, lower case; none when the file does not exist.

    Raises ModelError for a line that is no sha256.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return frozenset()
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: the trust list cannot be read: {error}.") from None
    digests = set()
    for number, line in enumerate(lines, start=1):
        digest = line.partition("#")[0].strip()
        if digest:
            digests.add(_sha256(digest, f"{path}:{number}"))
    return frozenset(digests)


def load_joblib(directory: Path, *, trusted: Iterable[str] = ()) -> dict[str, Any]:
    """The scikit-learn form of a model that the user trusts: the dict that `save` wrote.

    Keys: features (texts -> rows), stance (a classifier, answers in the order of its `classes_`),
    topics (OneVsRestClassifier or None), topic_names, labels, settings, untrained_stance,
    untrained_topics. trusted: sha256 digests of joblib files, in addition to the trust list.
    The file is read once, and the bytes that were checked are the bytes that are unpickled.
    Raises ModelError for a missing or damaged file, one that nobody trusts, and another minor
    version of scikit-learn, whose pickles may load and answer wrongly.
    """
    manifest = read_manifest(directory)
    path = directory / JOBLIB
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}. {TRAIN_AGAIN}") from None
    digest = hashlib.sha256(content).hexdigest()
    stated = manifest.files[JOBLIB].sha256 if JOBLIB in manifest.files else "nothing"
    if digest != stated:
        raise ModelError(
            f"{path} is damaged: its sha256 is {digest}, bundle.json states {stated}. "
            f"Copy the model again. {TRAIN_AGAIN}"
        )
    given = {_sha256(one, "a digest given as trusted") for one in trusted}
    if digest not in given | read_trust_list(trust_list_path()):
        raise ModelError(
            f"{path} is not trusted, and loading it would run whatever program it holds. If you "
            "trained this model, or trust who did and have this digest from them, add the line\n"
            f"{digest}\nto {trust_list_path()}. Classifying needs no trust: it reads weights.npy."
        )
    _check_scikit_learn(path, manifest.versions.get("scikit-learn", "unknown"))

    import joblib
    from sklearn.exceptions import InconsistentVersionWarning

    with warnings.catch_warnings():
        # A differing patch release is no fault: the minor versions were compared.
        warnings.simplefilter("ignore", InconsistentVersionWarning)
        loaded: dict[str, Any] = joblib.load(io.BytesIO(content))
    return loaded


def _check_scikit_learn(path: Path, trained_with: str) -> None:
    try:
        installed = version("scikit-learn")
        version("joblib")
    except PackageNotFoundError as error:
        raise ModelError(
            f"{path} needs {error.name}, which is not installed: pip install 'parley[train]'."
        ) from None
    if trained_with.split(".")[:2] != installed.split(".")[:2]:
        raise ModelError(
            f"{path} was trained with scikit-learn {trained_with}; installed is {installed}, which "
            "may load it and answer wrongly. Train again (`make train`), or install "
            f"scikit-learn=={trained_with}."
        )


def _sha256(digest: str, place: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{64}", digest):
        raise ModelError(
            f'{place}: "{digest}" is no sha256; expected 64 hexadecimal digits, one digest a line. '
            f"`sha256sum {JOBLIB}` prints the digest of a model."
        )
    return digest.lower()
