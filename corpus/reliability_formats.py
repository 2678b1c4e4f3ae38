"""The reliability report for people and programs: text, JSON, CSV, LaTeX and Markdown."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields

from corpus.agreement import Estimate
from corpus.agreement_tables import Line, Table
from corpus.cli import count
from corpus.gold import Dispute
from corpus.reliability import Coverage, Reliability

FORMAT = 1
AGAINST_EACH_OTHER = "annotator against annotator"
AGAINST_GOLD = "model against gold"
Model = Mapping[str, Estimate]


def as_text(report: Reliability, disputes: Iterable[Dispute], model: Model) -> str:
    """The report for a terminal. model: name of a score -> the model's, beside the annotators'."""
    blocks = [_table_text(table) for table in report.tables]
    if model:
        blocks.append(_model_text(report.tables, model))
    if report.coverage:
        blocks.append(_coverage_text(report.coverage))
    if report.confusions:
        blocks.append(_confusion_text(report))
    if report.aggregation is not None:
        found = report.aggregation
        shown = f": {', '.join(found.differing)}" if found.differing else ""
        blocks.append(
            f"Dawid-Skene would change {len(found.differing)} of {found.n} gold stances that votes "
            f"alone gave{shown}"
        )
    open_ones = [
        f"disputed {item.sentence_id} {item.layer}: {_answers(item.answers)}" for item in disputes
    ]
    if open_ones:
        blocks.append("\n".join(open_ones))
    return "\n\n".join(blocks) + "\n"


def as_json(report: Reliability, disputes: Iterable[Dispute], model: Model) -> str:
    """The report as one JSON object; undefined figures are null."""
    record = {
        "format": FORMAT,
        **asdict(report),
        "model_against_gold": {name: asdict(found) for name, found in model.items()},
        "disputes": [asdict(dispute) for dispute in disputes],
    }
    return json.dumps(_without_nan(record), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


COLUMNS = ("table", "codebook", *(field.name for field in fields(Line)))


def as_csv(report: Reliability, model: Model) -> str:
    """A line of a table a row, undefined figures empty; the model's scores as a table of theirs."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for table in report.tables:
        for line in table.lines:
            cells = asdict(line).values()
            writer.writerow([table.name, table.codebook, *map(_cell, cells)])
    for name, found in model.items():
        figures = map(_cell, (found.value, found.low, found.high))
        writer.writerow([AGAINST_GOLD, "", "model", name, "F1", "", "", "", *figures, found.note])
    return out.getvalue()


def as_latex(report: Reliability, model: Model) -> str:
    r"""A tabular a table, with the rules of the booktabs package; ready for \input."""
    parts = []
    heads = ["", "$n$", "agree", "measure", "value", "95\\,\\%"]
    if model:
        heads.append(AGAINST_GOLD)
    for table in report.tables:
        rows = []
        for line in table.lines:
            cells = [_escaped(line.what), str(line.n), _percent(line.agree)]
            cells += [line.measure, _value(line.value), _interval(line)]
            if model:
                found = _model_for(line, model)
                cells.append(_with_interval(found) if found else "")
            rows.append(
                " & ".join(cell.replace("%", r"\%").replace("–", "--") for cell in cells) + r" \\"
            )
        body = [
            f"% {AGAINST_EACH_OTHER}, {table.title}",
            rf"\begin{{tabular}}{{l{'r' * (len(heads) - 1)}}}",
            r"\toprule",
            " & ".join(heads) + r" \\",
            r"\midrule",
            *rows,
            r"\bottomrule",
            r"\end{tabular}",
        ]
        parts.append("\n".join(body))
    return "\n\n".join(parts) + "\n"


def table_markdown(table: Table) -> str:
    """A table for a card."""
    said = _common_note(table)
    lines = [
        f"| {AGAINST_EACH_OTHER}, {table.title} | n | agree | measure | value | 95 % | note |",
        "|---|---|---|---|---|---|---|",
    ]
    for line in table.lines:
        value, interval = _value(line.value), _interval(line)
        note = _note(line, said)
        cells = (line.what, line.n, _percent(line.agree), line.measure, value, interval, note)
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join([*lines, *(("", f"{said[0].upper()}{said[1:]}.") if said else ())])


def line_text(line: Line, *, said: str = "") -> str:
    """A line for a terminal; ``said``: a note that stands above the table already."""
    is_part = line.layer in ("stance", "act") and line.what != line.layer
    is_part = is_part or line.what.startswith("topic ")
    what = f"  {line.what}" if is_part else line.what
    note = _note(line, said)
    if line.n == 0:
        return f"{what:<34} {note}"
    text = f"{what:<34} n {line.n:>5}   "
    text += " " * 13 if math.isnan(line.agree) else f"agree {line.agree:4.0%}   "
    if math.isnan(line.value):
        return f"{text}{line.measure} {note}"
    parts = [f"{text}{line.measure:<5} {line.value:5.2f}", _interval(line)]
    parts.append("" if line.positives is None else count(line.positives, "positive"))
    parts.append(note and f"({note})")
    return "  ".join(filter(None, parts))


def _table_text(table: Table) -> str:
    shape = f"{count(table.n_annotations, 'annotation')} of {count(table.n_sentences, 'sentence')}"
    said = _common_note(table)
    articles = count(table.n_articles, "article")
    title = f"{table.title[0].upper()}{table.title[1:]}: {shape}, {articles}"
    lines = [line_text(line, said=said) for line in table.lines]
    return "\n".join([title + (f" ({said})" if said else ""), *lines])


def _common_note(table: Table) -> str:
    """Why the first line has no interval, which is said once for all lines that share it."""
    notes = table.lines[0].note.split("; ")
    return next((note for note in notes if note.startswith("no interval")), "")


def _note(line: Line, said: str) -> str:
    return "; ".join(note for note in line.note.split("; ") if note and note != said)


def _model_text(tables: Iterable[Table], model: Model) -> str:
    """The annotators' F1 of the last table that has any, with the model's beside it."""
    with_f1 = [table for table in tables if any(line.layer == "annotators" for line in table.lines)]
    table = with_f1[-1] if with_f1 else None
    title = f"F1 of {AGAINST_EACH_OTHER} ({table.title})" if table else "F1"
    lines = [f"{title} beside {AGAINST_GOLD}"]
    against = {line.what: line for line in table.lines} if table else {}
    for name, found in model.items():
        line = against.get(name)
        left = _with_interval(line) if line else "not measured"
        lines.append(f"{name:<34} {left:<20}  {_with_interval(found)}")
    return "\n".join(lines)


def _coverage_text(rows: Iterable[Coverage]) -> str:
    names = [field.name for field in fields(Coverage)][1:]
    lines = [f"{'annotator':<20}" + "".join(f"{name:>9}" for name in names)]
    for row in rows:
        lines.append(
            f"{row.annotator:<20}" + "".join(f"{getattr(row, name):>9,}" for name in names)
        )
    return "\n".join(lines)


def _confusion_text(report: Reliability) -> str:
    lines = []
    for found in report.confusions:
        rules = f", adjudicated by {', '.join(found.rules)}" if found.rules else ""
        lines.append(
            f"confused {found.layer} {' / '.join(found.labels)}: {found.n} "
            f"({', '.join(found.examples)}{rules})"
        )
    return "\n".join(lines)


def _model_for(line: Line, model: Model) -> Estimate | None:
    return model.get(line.what) if line.layer == "annotators" else None


def _answers(answers: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{who}: {label}" for who, label in answers)


def _with_interval(found: Line | Estimate) -> str:
    return f"{_value(found.value)} {_interval(found)}".strip()


def _value(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2f}"


def _interval(found: Line | Estimate) -> str:
    return "" if math.isnan(found.low) else f"[{found.low:.2f}, {found.high:.2f}]"


def _percent(share: float) -> str:
    return "–" if math.isnan(share) else f"{share:.0%}"


def _cell(value: object) -> object:
    return "" if value is None or (isinstance(value, float) and math.isnan(value)) else value


def _escaped(text: str) -> str:
    return text.replace("_", r"\_").replace("&", r"\&")


def _without_nan(value: object) -> object:
    """The same plain data with None for every nan, which JSON does not have."""
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value
