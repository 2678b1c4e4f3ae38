"""Articles: a text file and a metadata file each. The only place where text is cleaned."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

from corpus.files import read_text, write_text
from corpus.findings import Finding, raise_errors
from corpus.records import ARTICLE_ID, Article, RecordError, text_digest

FORMAT = 1
METADATA_TYPES: dict[str, type] = {
    "title": str,
    "outlet": str,
    "event_date": date,
    "written_date": date,
    "url": str,
    "language": str,
    "process": str,
    "family": str,
    "kind": str,
    "sources": list,
    "licence": str,
    "synthetic": bool,
    "one_sentence_per_line": bool,
}


def clean_text(text: str) -> str:
    r"""The text as it is stored: NFC, ``\n`` line ends, no blank edges, no control characters.

    Whatever ends a line or a page anywhere becomes ``\n``, so that no two words are joined.

    Curly quotes, dashes and non-breaking spaces stay: they are the report's own.

    >>> clean_text("\ufeffTalks\r\nre\u0301sume\x0c\x07 \n")
    'Talks\nrésume'
    """
    text = re.sub(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028]", "\n", text).replace("\u2029", "\n\n")
    text = "".join(
        char for char in text if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs")
    )
    text = unicodedata.normalize("NFC", text.replace("\ufeff", ""))
    return "\n".join(line.rstrip() for line in text.split("\n")).strip()


def read_articles(corpus: Path) -> dict[str, Article]:
    """Every article of a corpus folder by id, in id order; CorpusError lists all faults."""
    folder = corpus / "articles"
    texts = {path.stem: path for path in sorted(folder.glob("*.txt"))}
    metadata = {path.stem: path for path in sorted(folder.glob("*.toml"))}
    findings = [
        Finding(str(metadata[name]), "E131", f"there is no {name}.txt beside it.")
        for name in metadata.keys() - texts.keys()
    ]
    articles: dict[str, Article] = {}
    for name, path in texts.items():
        if name not in metadata:
            message = (
                f"there is no {name}.toml beside it; `make article FILE={path.name}` writes one."
            )
            findings.append(Finding(str(path), "E131", message))
            continue
        article, faults = read_article(path, metadata[name])
        findings += faults
        if article is not None:
            articles[name] = article
    raise_errors(findings)
    return articles


def read_article(text_path: Path, metadata_path: Path) -> tuple[Article | None, list[Finding]]:
    """One article from its two files, and what is wrong with them."""
    place = str(metadata_path)
    text = read_text(text_path)
    try:
        raw = tomllib.loads(read_text(metadata_path))
    except tomllib.TOMLDecodeError as error:
        return None, [Finding(place, "E132", f"not valid TOML: {error}.")]
    findings = _metadata_faults(raw, place)
    if text != clean_text(text) + "\n":
        message = "is not clean (NFC, line ends, edges). `make article FILE=...` cleans it."
        findings.append(Finding(str(text_path), "E133", message))
    if raw.get("sha256") != text_digest(text.rstrip("\n")):
        message = (
            f"sha256 does not match {text_path.name}: the text was changed after it was added. "
            "Restore it, or add the new text under a new id."
        )
        findings.append(Finding(place, "E134", message))
    if findings:
        return None, findings
    known = {key: value for key, value in raw.items() if key in METADATA_TYPES}
    try:
        known["sources"] = tuple(map(str, known.get("sources", ())))
        return Article(id=text_path.stem, text=clean_text(text), **known), []
    except RecordError as error:
        return None, [Finding(str(text_path), "E135", f"{error}.")]


def add_article(corpus: Path, article: Article) -> None:
    """Store a new article; a known id or an equal text is refused, so nothing is overwritten."""
    add_articles(corpus, [article])


def add_articles(corpus: Path, articles: Iterable[Article]) -> None:
    """Store new articles; if one of them is refused, none is stored."""
    articles = list(articles)
    findings = []
    id_of = {other.text: other.id for other in read_articles(corpus).values()}
    for article in articles:
        path = corpus / "articles" / f"{article.id}.txt"
        if path.exists() or path.with_suffix(".toml").exists():
            findings.append(Finding(str(path), "E136", "this article id exists. Choose another."))
        if article.text != clean_text(article.text):
            findings.append(Finding(str(path), "E133", "the text is not clean; use clean_text."))
        if article.text in id_of:
            other = id_of[article.text]
            message = f"has the same text as {other}; it is in the corpus already."
            findings.append(Finding(str(path), "E137", message))
        id_of[article.text] = article.id
    raise_errors(findings)
    for article in articles:
        path = corpus / "articles" / f"{article.id}.txt"
        write_text(path.with_suffix(".toml"), _metadata_toml(article))
        try:
            write_text(path, article.text + "\n")
        except BaseException:
            path.with_suffix(".toml").unlink()
            raise


def article_id(name: str) -> str:
    """A valid article id made of a file name or title.

    >>> article_id("000_54a3ED.old.txt")
    '000-54a3ed-old'
    """
    stem = name.removesuffix(".txt").lower()
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    parts = "".join(char if char.isalnum() else " " for char in plain).split()
    found = "-".join(parts) or "article"
    return found if ARTICLE_ID.fullmatch(found) else "article"


def _metadata_faults(raw: dict[str, Any], place: str) -> list[Finding]:
    findings = []
    if raw.get("format") != FORMAT:
        message = f"format is {raw.get('format')!r}, expected {FORMAT}."
        findings.append(Finding(place, "E138", message))
    for key, value in raw.items():
        expected = METADATA_TYPES.get(key)
        if key in ("format", "sha256"):
            continue
        if expected is None:
            message = f"unknown key {key!r}; known: {', '.join(METADATA_TYPES)}."
            findings.append(Finding(place, "E139", message))
        elif type(value) is not expected:
            message = f"{key} must be a {expected.__name__}, found {value!r}."
            findings.append(Finding(place, "E139", message))
    return findings


def _metadata_toml(article: Article) -> str:
    lines = [f"format = {FORMAT}"]
    for field in fields(article):
        value = getattr(article, field.name)
        if field.name not in METADATA_TYPES or value in (None, "", ()):
            continue
        if isinstance(value, bool):
            shown = str(value).lower()
        elif isinstance(value, date):
            shown = value.isoformat()
        elif isinstance(value, tuple):
            shown = "[\n" + "".join(f"  {_quoted(item)},\n" for item in value) + "]"
        else:
            shown = _quoted(value)
        lines.append(f"{field.name} = {shown}")
    lines.append(f'sha256 = "{text_digest(article.text)}"')
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    escaped = clean_text(text).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + " ".join(escaped.split()) + '"'
