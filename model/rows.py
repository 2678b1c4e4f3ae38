"""How are predictions written down? As JSON Lines, as CSV, and as a table for people.

The owner of the prediction format: a row is a plain dict with the keys in the order written.
"""

import csv
import json
import shutil
import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

from model.prediction import Prediction

FORMAT = 1
Row = dict[str, Any]
COLOURS = {"favor": "34", "against": "31", "none": "2"}


def sentence_row(
    prediction: Prediction,
    *,
    id: str,
    article_id: str,
    start: int,
    end: int,
    text: str,
    title: str = "",
    outlet: str = "",
    date: str = "",
    model: str,
) -> Row:
    """One sentence's prediction. start, end: code points, half-open, into the cleaned article.

    stance is None where the model abstained; a score is None where a label was never trained.
    Probabilities are rounded to six digits. model: the bundle's digest.
    """
    return {
        "format": FORMAT,
        "id": id,
        "article_id": article_id,
        "start": start,
        "end": end,
        "text": text,
        "title": title,
        "outlet": outlet,
        "date": date,
        "stance": prediction.stance,
        "abstained": prediction.abstained,
        "stance_score": round(prediction.stance_score, 6),
        "stance_scores": _rounded(prediction.stance_scores),
        "topics": list(prediction.topics),
        "topic_scores": _rounded(prediction.topic_scores),
        "holders": list(prediction.holders),
        "model": model,
    }


def article_row(rows: Sequence[Row]) -> Row:
    """Counts and shares over the sentence rows of one article; never one stance for all of it.

    stance_shares are of the sentences that got a stance (`n_decided`), topic_shares of all
    (`n_sentences`); each is None when there is nothing to divide by.
    """
    first = rows[0]
    decided = [row["stance"] for row in rows if row["stance"] is not None]
    stance = Counter(dict.fromkeys(first["stance_scores"], 0))
    stance.update(decided)
    topics = Counter(dict.fromkeys(first["topic_scores"], 0))
    topics.update(topic for row in rows for topic in row["topics"])
    return {
        "format": FORMAT,
        "id": first["article_id"],
        **{key: first[key] for key in ("title", "outlet", "date")},
        "n_sentences": len(rows),
        "n_decided": len(decided),
        "n_abstained": len(rows) - len(decided),
        "stance_counts": dict(stance),
        "stance_shares": _shares(stance, len(decided)),
        "topic_counts": dict(topics),
        "topic_shares": _shares(topics, len(rows)),
        "model": first["model"],
    }


def write_jsonl(rows: Iterable[Row], out: TextIO) -> None:
    """One JSON object a line."""
    for row in rows:
        out.write(json.dumps(row, ensure_ascii=False) + "\n")


def write_csv(rows: Iterable[Row], out: TextIO) -> None:
    """One line a row; a mapping becomes a column per key, a list is joined with `|`."""
    writer = None
    for row in rows:
        flat = _flat(row)
        if writer is None:
            writer = csv.DictWriter(out, list(flat), lineterminator="\n")
            writer.writeheader()
        writer.writerow(flat)


def write_sentence_table(
    rows: Iterable[Row], out: TextIO, *, three_way: Mapping[str, str], colour: bool
) -> None:
    """A table for people: stance with its probability, the sentence, its topics; by article."""
    width = max(shutil.get_terminal_size((100, 24)).columns, 60)
    margin = 3 + max([len("abstained"), *map(len, three_way)]) + 6
    article = None
    for row in rows:
        if row["article_id"] != article:
            article = row["article_id"]
            facts = " · ".join(filter(None, [row["title"] or article, row["outlet"], row["date"]]))
            out.write(f"\n{facts}\n")
        stance = row["stance"] or "abstained"
        head = f"  {stance:<{margin - 8}} {row['stance_score']:4.0%} "
        lines = textwrap.wrap(" ".join(row["text"].split()), width - margin) or [""]
        if colour:
            code = COLOURS[three_way.get(stance, "none")]
            out.write(f"\033[{code}m{head:<{margin}}\033[0m{lines[0]}\n")
        else:
            out.write(f"{head:<{margin}}{lines[0]}\n")
        for line in lines[1:]:
            out.write(" " * margin + line + "\n")
        if row["topics"]:
            out.write(" " * margin + "[" + ", ".join(row["topics"]) + "]\n")


def write_article_table(rows: Iterable[Row], out: TextIO) -> None:
    """A table for people: one article, its sentences, and how many took which stance."""
    for row in rows:
        facts = " · ".join(filter(None, [row["title"] or row["id"], row["outlet"], row["date"]]))
        out.write(f"\n{facts}\n  {row['n_sentences']} sentences, {row['n_abstained']} abstained\n")
        for name, counts in (("stance", "n_decided"), ("topic", "n_sentences")):
            for label, number in row[f"{name}_counts"].items():
                share = (row[f"{name}_shares"] or {}).get(label)
                if number and share is not None:
                    out.write(f"    {label:<28}{number:>4} of {row[counts]:<4} {share:4.0%}\n")


def _rounded(scores: Mapping[str, float | None]) -> dict[str, float | None]:
    return {name: None if score is None else round(score, 6) for name, score in scores.items()}


def _shares(counts: Mapping[str, int], total: int) -> dict[str, float] | None:
    return {name: round(n / total, 6) for name, n in counts.items()} if total else None


def _flat(row: Row) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, dict):
            flat |= {f"{key.removesuffix('s')}_{name}": number for name, number in value.items()}
        elif isinstance(value, list):
            flat[key] = "|".join(map(str, value))
        else:
            flat[key] = value
    return flat
