"""The keyword baseline: what a list of cue words alone would answer."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from corpus.codebook import Codebook
from corpus.files import read_text
from corpus.findings import CorpusError, Finding


def read_cues(corpus: Path, codebook: Codebook) -> dict[str, list[str]]:
    """Stance value -> cue words, from ``cues.toml``; empty when the corpus has none.

    A cue is a lower-case word or phrase; ``*`` at its end stands for any ending. The words of a
    value that was renamed or merged are those of the value it is now.
    """
    path = corpus / "cues.toml"
    if not path.exists():
        return {}
    try:
        raw = tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise CorpusError([Finding(str(path), "E151", f"not valid TOML: {error}.")]) from None
    findings = []
    found: dict[str, list[str]] = {}
    for key, cues in raw.items():
        value = codebook.new_names.get(("stance", key), key)
        if value not in codebook.names("stance"):
            findings.append(Finding(str(path), "E152", codebook.unknown("stance", value)))
        if not isinstance(cues, list) or not all(isinstance(cue, str) and cue for cue in cues):
            findings.append(Finding(str(path), "E152", f"{key} must be a list of words."))
        else:
            found[value] = [*found.get(value, ()), *cues]
    if findings:
        raise CorpusError(findings)
    return found


def guess_by_cues(
    texts: Iterable[str], cues: Mapping[str, Iterable[str]], neutral: str
) -> list[str]:
    """Per text the stance value with the most cues; a tie goes to the first, none to neutral.

    >>> guess_by_cues(["Both sides accepted it.", "Rain fell."], {"favor": ["accept*"]}, "none")
    ['favor', 'none']
    """
    patterns = {value: _pattern(words) for value, words in cues.items()}
    guesses = []
    for text in texts:
        hits = {value: len(found.findall(text.lower())) for value, found in patterns.items()}
        best = max(hits, key=lambda value: hits[value], default=neutral)
        guesses.append(best if hits.get(best) else neutral)
    return guesses


def stance_given(cue: str, labelled: Iterable[tuple[str, str | None]]) -> dict[str, int]:
    """Stance value -> number of labelled texts with the cue, most first.

    >>> stance_given("agree*", [("They agreed.", "favor"), ("No.", "against")])
    {'favor': 1}
    """
    pattern = _pattern([cue.lower()])
    found = (stance for text, stance in labelled if stance and pattern.search(text.lower()))
    return dict(Counter(found).most_common())


def _pattern(cues: Iterable[str]) -> re.Pattern[str]:
    parts = [re.escape(cue).replace(r"\*", r"\w*") for cue in cues]
    return re.compile(r"\b(?:" + "|".join(parts) + r")\b" if parts else r"(?!)")
