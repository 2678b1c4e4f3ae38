"""The dataset's card: what is in a build, with every number taken from the build itself."""

from __future__ import annotations

from collections.abc import Iterable

from corpus.dataset import Build, Row, articles_of, counts, may_be_published
from corpus.folder import Corpus
from corpus.reliability import agreement_tables
from corpus.reliability_formats import table_markdown


def dataset_card(build: Build, corpus: Corpus) -> str:
    """``README.md`` of the dataset folder: YAML for the Hub, then Markdown for people."""
    from huggingface_hub import DatasetCardData

    book = build.codebook
    data = DatasetCardData(
        pretty_name=book.title,
        language=sorted({str(row["language"]) for row in build.rows}),
        license="other" if _unlicensed(build, corpus) else "cc-by-4.0",
        task_categories=["text-classification"],
        tags=["stance-detection", "news", f"codebook-{book.name}-{book.version}"],
        configs=[
            {
                "config_name": "default",
                "data_files": [
                    {"split": part, "path": f"data/{part}-*.parquet"} for part in build.parts
                ],
            }
        ],
    )
    annotators = sorted({vote["annotator"] for row in build.rows for vote in row["votes"]})
    tables = [table_markdown(table) for table in agreement_tables(corpus)]
    sections = [
        f"# {book.title}",
        f"Sentences of news reports with the stance that they report on **{book.target}**. "
        f"Codebook {book.name} {book.version}. Rows `{build.digest}`.",
        _notices(build, corpus),
        "## Contents\n\n" + _contents(build.parts),
        *(
            _label_section(layer, build)
            for layer in ("stance", "act", "topics")
            if book.names(layer)
        ),
        "## Annotation\n\n"
        f"{len(annotators)} annotators ({', '.join(annotators)}), each sentence annotated "
        "independently; adjudications cite a rule of the codebook. Gold stance: "
        + _how(build.rows)
        + f". Without gold for want of an adjudication: {len(build.disputes)} disputes.\n\n"
        + "\n\n".join(tables),
        "## Load it\n\n```python\nimport datasets\n"
        'data = datasets.load_dataset("build/dataset")\n```\n\n'
        "Offsets are Unicode code points, half-open. `topics` is null when the layer was not asked "
        "or has no gold value, and empty when the answer is none of them.",
    ]
    return f"---\n{data.to_yaml()}\n---\n\n" + "\n\n".join(filter(None, sections)) + "\n"


def _notices(build: Build, corpus: Corpus) -> str:
    notices = []
    unlicensed = _unlicensed(build, corpus)
    if unlicensed:
        notices.append(
            f"> **Not for publication.** It holds text without a licence to publish "
            f"({', '.join(unlicensed)}). `scripts/build_dataset.py --publishable` leaves it out."
        )
    notices.append(f"> {build.statement}" if build.statement else "")
    return "\n>\n".join(filter(None, notices))


def _unlicensed(build: Build, corpus: Corpus) -> list[str]:
    used = {row["article_id"] for row in build.rows}
    return sorted(name for name in used if not may_be_published(corpus.articles[name]))


def _contents(parts: dict[str, list[Row]]) -> str:
    rows = [
        f"| {part} | {articles_of(rows)} | {len(rows)} | {sum(row['synthetic'] for row in rows)} |"
        for part, rows in parts.items()
    ]
    table = ["| part | articles | sentences | of them synthetic |", "|---|---|---|---|", *rows]
    if list(parts) == ["train"]:
        table += ["", "There is no held-out part: `splits.csv` sets no article aside."]
    return "\n".join(table)


def _label_section(layer: str, build: Build) -> str:
    found = counts(build.rows, layer)
    rows = [
        f"| `{value.name}` | {found[value.name]} | {value.meaning} |"
        for value in build.codebook.layers[layer].values
    ]
    return "\n".join(
        [f"## {layer.capitalize()}", "", "| value | sentences | meaning |", "|---|---|---|", *rows]
    )


def _how(rows: Iterable[Row]) -> str:
    found = counts(rows, "how")
    return ", ".join(f"{number} {how}" for how, number in found.most_common())
