"""A joblib file is unpickled only when its digest is trusted from outside the bundle."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import joblib
import numpy as np
import pytest

from model.errors import ModelError
from model.manifest import _digest_of
from model.trust import load_joblib, read_trust_list, trust_list_path


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A user without a trust list."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


def sha256_of(directory):
    return hashlib.sha256((directory / "bundle.joblib").read_bytes()).hexdigest()


def restate(directory, **changes):
    """Make bundle.json fit what lies in the directory, as an attacker would."""
    path = directory / "bundle.json"
    data = {**json.loads(path.read_text()), **changes}
    del data["digest"]
    content = (directory / "bundle.joblib").read_bytes()
    data["files"]["bundle.joblib"] = {"bytes": len(content), "sha256": sha256_of(directory)}
    path.write_text(json.dumps({**data, "digest": _digest_of(data)}))


class Explosive:
    """Unpickling this ends the test run."""

    def __reduce__(self):
        return (sys.exit, ("the file was unpickled",))


def test_an_untrusted_file_is_not_unpickled(bundle_directory):
    joblib.dump(Explosive(), bundle_directory / "bundle.joblib", compress=3)
    restate(bundle_directory)
    with pytest.raises(ModelError) as refusal:
        load_joblib(bundle_directory)
    assert "is not trusted, and loading it would run whatever program it holds" in str(
        refusal.value
    )
    assert f"add the line\n{sha256_of(bundle_directory)}\nto {trust_list_path()}" in str(
        refusal.value
    )


def test_a_changed_file_is_not_unpickled_even_when_the_old_digest_is_trusted(bundle_directory):
    trusted = sha256_of(bundle_directory)
    joblib.dump(Explosive(), bundle_directory / "bundle.joblib", compress=3)
    with pytest.raises(ModelError, match=r"bundle.joblib is damaged: its sha256 is"):
        load_joblib(bundle_directory, trusted=[trusted])
    restate(bundle_directory)
    with pytest.raises(ModelError, match="is not trusted"):
        load_joblib(bundle_directory, trusted=[trusted])


def test_a_digest_given_by_the_caller_opens_the_file(bundle_directory, trained):
    loaded = load_joblib(bundle_directory, trusted=[sha256_of(bundle_directory).upper()])
    texts = ["Envoys rejected the truce.", ""]
    rows = loaded["features"].transform(texts)
    np.testing.assert_array_equal(
        loaded["stance"].predict_proba(rows),
        trained.stance.predict_proba(trained.features.transform(texts)),
    )
    assert loaded["topic_names"] == ["aid", "talks"]
    assert loaded["labels"] == trained.labels.to_dict()


def test_a_digest_in_the_users_list_opens_the_file(bundle_directory):
    trust_list_path().parent.mkdir(parents=True)
    trust_list_path().write_text(f"# mine\n\n{sha256_of(bundle_directory)}  # trained today\n")
    assert load_joblib(bundle_directory)["kind"] == "parley model"


def test_a_line_that_is_no_digest_is_named(tmp_path):
    path = tmp_path / "trusted.txt"
    path.write_text("# fine\nabc\n")
    with pytest.raises(ModelError, match=r'trusted\.txt:2: "abc" is no sha256; expected 64'):
        read_trust_list(path)
    with pytest.raises(ModelError, match="the trust list cannot be read"):
        read_trust_list(tmp_path)


def test_a_relative_configuration_folder_is_ignored(monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", "here")
    assert trust_list_path() == Path.home() / ".config" / "parley" / "trusted.txt"


def test_another_minor_version_is_refused(bundle_directory):
    versions = json.loads((bundle_directory / "bundle.json").read_text())["versions"]
    restate(bundle_directory, versions={**versions, "scikit-learn": "0.24.2"})
    with pytest.raises(ModelError, match=r"was trained with scikit-learn 0\.24\.2; installed is "
                       r"1\..* Train again \(`make train`\), or install scikit-learn==0\.24\.2\."):  # fmt: skip
        load_joblib(bundle_directory, trusted=[sha256_of(bundle_directory)])


def test_another_patch_version_loads_without_a_warning(bundle_directory, monkeypatch):
    monkeypatch.setattr("sklearn.base.__version__", "1.9.999")
    load_joblib(bundle_directory, trusted=[sha256_of(bundle_directory)])


def test_a_missing_file(bundle_directory):
    (bundle_directory / "bundle.joblib").unlink()
    with pytest.raises(ModelError, match=r"bundle.joblib cannot be read: No such file"):
        load_joblib(bundle_directory)


WITHOUT_PARLEY = """
import sys
sys.modules["model"] = None  # importing it now fails
import joblib
bundle = joblib.load(sys.argv[1])
rows = bundle["features"].transform(["Envoys rejected the truce."])
print(bundle["stance"].predict(rows)[0], bundle["topics"].predict_proba(rows).shape)
print(sorted({type(value).__module__.split(".")[0] for value in bundle.values()}))
"""


def test_the_joblib_file_loads_where_parley_is_absent(bundle_directory, tmp_path):
    done = subprocess.run(
        [sys.executable, "-I", "-c", WITHOUT_PARLEY, str(bundle_directory / "bundle.joblib")],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.stdout.splitlines() == ["against (1, 2)", "['builtins', 'sklearn']"]
