"""Which articles are for training and which are held out. Parts only grow."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from corpus.duplicates import COPY, SAME_EVENT, clusters, connected
from corpus.files import read_text, write_text
from corpus.findings import CorpusError, Finding
from corpus.records import Article

PARTS = ("train", "validation", "test")
FEWEST_GROUPS = 5
TEST_SHARE = 0.2


def read_splits(corpus: Path) -> dict[str, str]:
    """Article id -> part, from ``splits.csv``; an absent file is an empty split."""
    path = corpus / "splits.csv"
    if not path.exists():
        return {}
    rows = list(csv.reader(io.StringIO(read_text(path))))
    if not rows or rows[0] != ["article_id", "part"]:
        raise CorpusError(f"{path}:1: expected the header article_id,part.")
    parts: dict[str, str] = {}
    findings = []
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != 2 or row[1] not in PARTS:
            expected = f"expected ID,PART with a part of {', '.join(PARTS)}"
            message = f"{expected}; found {','.join(row)!r}."
            findings.append(Finding(f"{path}:{number}", "E401", message))
        elif parts.setdefault(row[0], row[1]) != row[1]:
            findings.append(Finding(f"{path}:{number}", "E402", f"{row[0]} is in two parts."))
    if findings:
        raise CorpusError(findings)
    return parts


def write_splits(corpus: Path, parts: Mapping[str, str]) -> None:
    """Write ``splits.csv``, sorted by article id."""
    lines = [f"{name},{part}" for name, part in sorted(parts.items())]
    write_text(corpus / "splits.csv", "\n".join(["article_id,part", *lines]) + "\n")


def groups(articles: Iterable[Article]) -> dict[str, str]:
    """Article id -> group, the smallest id in it; see ``linked`` for what shares a group."""
    items = sorted(articles, key=lambda article: article.id)
    cluster_of = clusters(items, levels=(COPY, SAME_EVENT))
    keys = linked((cluster_of[article.id], article.process) for article in items)
    smallest: dict[str, str] = {}
    for article, key in zip(items, keys, strict=True):
        smallest.setdefault(key, article.id)
    return {article.id: smallest[key] for article, key in zip(items, keys, strict=True)}


def linked(rows: Iterable[Sequence[str]]) -> list[str]:
    """Per (near-duplicate cluster, process, ...) the name of its group, which must never be split.

    Rows that share a name in any place are in one group, however many links apart; only the cluster
    must be given, an empty name links nothing.
    """
    items = list(rows)
    links: dict[str, set[str]] = {}
    for cluster, *others in items:
        shared = [f"shared {place} {name}" for place, name in enumerate(others) if name]
        keys = [f"cluster {cluster}", *shared]
        for key in keys:
            links.setdefault(key, set()).update(keys)
    group_of = connected(links)
    return [group_of[f"cluster {cluster}"] for cluster, *_ in items]


def assign_parts(articles: Iterable[Article], parts: Mapping[str, str]) -> dict[str, str]:
    """The parts with every article in one; nothing that has a part moves.

    A new article follows its group. A new group goes to test by a hash of its name (about one in
    five), so the choice needs no seed and adding articles never reshuffles it. Fewer than five
    groups cannot be split usefully: everything new is for training.
    """
    group_of = groups(articles)
    part_of_group = {group_of[name]: part for name, part in parts.items() if name in group_of}
    enough = len(set(group_of.values())) >= FEWEST_GROUPS
    assigned = dict(parts)
    for name, group in group_of.items():
        drawn = "test" if enough and _share(group) < TEST_SHARE else "train"
        assigned.setdefault(name, part_of_group.setdefault(group, drawn))
    return assigned


def leaks(articles: Iterable[Article], parts: Mapping[str, str]) -> Iterator[Finding]:
    """Groups whose articles stand in different parts: a score on them would be a lie."""
    members: defaultdict[str, list[str]] = defaultdict(list)
    for name, group in groups(articles).items():
        members[group].append(name)
    for names in members.values():
        found = {name: parts.get(name, "train") for name in names}
        if len(set(found.values())) > 1:
            shown = ", ".join(f"{name} in {part}" for name, part in sorted(found.items()))
            message = (
                f"near-duplicates or one process straddle the split: {shown}. Move them to one."
            )
            yield Finding("splits.csv", "E411", message)


def _share(name: str) -> float:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) / 2**64
