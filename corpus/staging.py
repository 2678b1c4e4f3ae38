"""An import stored all or nothing: written aside as a small corpus folder, then moved in.

Whenever the process is killed, either nothing happened, or the folder aside is complete and
``finish`` moves the rest in: no plan has to be made again.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from corpus.annotations import append_annotations, new_lines, read_annotations
from corpus.articles import add_articles
from corpus.batches import BatchItem, write_batch
from corpus.files import replaced_directory
from corpus.findings import CorpusError
from corpus.records import Annotation, Article
from corpus.sentences import freeze_sentences

ASIDE = ".import"
MOVED = ("articles", "sentences", "batches")


def store(
    corpus: Path,
    articles: Sequence[Article],
    unsplit: Sequence[Article],
    batch: tuple[str, Sequence[BatchItem]],
    annotations: Mapping[str, Sequence[Annotation]],
) -> None:
    """Store all of it. unsplit: known articles whose sentences are to be frozen."""
    name, items = batch
    if not (articles or unsplit or items or any(annotations.values())):
        return  # or a folder would change, and the dataset would be built again
    with replaced_directory(corpus / ASIDE, mark="articles") as folder:
        add_articles(folder, articles)
        freeze_sentences(folder, {article.id: article for article in [*articles, *unsplit]})
        if items:
            write_batch(folder, name, items)
        for where, lines in annotations.items():
            append_annotations(folder, where, lines)
    finish(corpus)


def is_unfinished(corpus: Path) -> bool:
    """True when an import was stopped between its plan and its end."""
    return (corpus / ASIDE).exists()


def finish(corpus: Path) -> None:
    """Move in what lies aside, if anything does. Again does no harm."""
    aside = corpus / ASIDE
    for folder in MOVED:
        for path in sorted((aside / folder).glob("*")):
            target = corpus / folder / path.name
            if target.exists():
                raise CorpusError(
                    f"{target}: made by something else while an import was unfinished. Compare it "
                    f"with {path}, delete one of the two, and run the same command again."
                )
            target.parent.mkdir(exist_ok=True)
            path.rename(target)
    for path in sorted((aside / "annotations").glob("*.jsonl")):
        lines = new_lines(read_annotations(corpus, path.stem), read_annotations(aside, path.stem))
        append_annotations(corpus, path.stem, lines)
    shutil.rmtree(aside, ignore_errors=True)
