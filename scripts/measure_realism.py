"""How real do the written reports read? Compare their sentences with a file of real ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from corpus.annotations import current
from corpus.cli import corpus_parser, count, run, say
from corpus.cues import stance_given
from corpus.findings import CorpusError, Finding, raise_errors
from corpus.folder import Corpus, read_corpus
from corpus.gold import gold_labels
from corpus.holders import voting
from corpus.jsonl import read_lines
from model.realism import FOLDS, Text, separability, shape

EXAMPLES = """\
  python scripts/measure_realism.py --data real.jsonl
  python scripts/measure_realism.py --data real.jsonl --cues agreed refused 'ceasefire*'

The file is JSON Lines, a sentence a line. Where its items have a stance, the stances of the
sentences with a cue word are compared too."""

CUES = ("agreed", "refused", "ceasefire*")


def main(arguments: Sequence[str]) -> int:
    command = corpus_parser(__doc__, EXAMPLES)
    add = command.add_argument
    add("--data", type=Path, required=True, metavar="FILE", help="real sentences, JSON Lines")
    add("--text-field", default="text", metavar="NAME", help="where an item has its text")
    add("--label-field", default="stance", metavar="NAME", help="where it may have a stance")
    add("--cues", nargs="+", default=CUES, metavar="WORD", help="`*` at the end is any ending")
    options = command.parse_args(arguments)
    real = read_real(options.data, options.text_field, options.label_field)
    written = written_texts(read_corpus(options.corpus))
    for noun, few in (("written report", written), ("real sentence", {"": real})):
        groups = {item.group for items in few.values() for item in items}
        if len(groups) < FOLDS:
            raise CorpusError(f"{count(len(groups), noun)}; comparing takes {FOLDS} or more.")
    everything = [item for items in written.values() for item in items]
    print(f"{'':<12} sentences  words 10/50/90 %  clauses  holders  AUC   AUC names masked")
    print(row("real", real, real=None))
    for family, items in sorted(written.items()):
        print(row(family or "no family", items, real=real))
    print(row("all written", everything, real=real))
    for cue in options.cues:
        for name, items in (("written", everything), ("real", real)):
            found = stance_given(cue, ((item.text, item.stance) for item in items))
            print(f"{cue:<12} {name:<8} {shares(found)}")
    say(f"{count(len(everything), 'written sentence')} beside {count(len(real), 'real one')}.")
    return 0


def written_texts(corpus: Corpus) -> dict[str, list[Text]]:
    """Family -> the sentences of the reports written for the corpus, with their gold stance.

    Holders are those of the first annotator who marked any.
    """
    annotations = current(corpus.votes)
    gold = gold_labels(annotations, corpus.adjudications, corpus.codebook).labels
    n_holders: dict[str, int] = {}
    for annotation in annotations:
        found = len(voting(annotation.holders, corpus.codebook))
        n_holders[annotation.sentence_id] = n_holders.get(annotation.sentence_id) or found
    families: dict[str, list[Text]] = {}
    for sentence in corpus.sentences.values():
        article = corpus.articles[sentence.article_id]
        if article.synthetic:
            label = gold.get(sentence.id)
            stance = label.stance if label else None
            holders = n_holders.get(sentence.id)
            item = Text(sentence.text, sentence.article_id, stance, holders)
            families.setdefault(article.family, []).append(item)
    return families


def read_real(path: Path, text_field: str, label_field: str) -> list[Text]:
    """The real sentences, each once, each its own group."""
    found: dict[str, Text] = {}
    findings = []
    for number, record in read_lines(path):
        text = record.get(text_field)
        if not (isinstance(text, str) and text.strip()):
            message = f"no text in {text_field}; its fields: {', '.join(record) or 'none'}."
            findings.append(Finding(f"{path}:{number}", "E381", message))
            continue
        stance = record.get(label_field)
        is_label = isinstance(stance, str)
        found.setdefault(text, Text(text, f"real {number}", stance if is_label else None))
    raise_errors(findings)
    return list(found.values())


def row(name: str, items: Sequence[Text], *, real: Sequence[Text] | None) -> str:
    """A line of the table; without ``real`` there is nothing to tell it from."""
    found = shape(items)
    words = "/".join(f"{figure:.0f}" for figure in found.words)
    holders = "-" if found.holders is None else f"{found.holders:.2f}"
    line = f"{name:<12} {found.sentences:>9}  {words:>15}  {found.clauses:>7.2f}  {holders:>7}"
    if real is None:
        return line
    if len({item.group for item in items}) < FOLDS:
        return f"{line}  fewer than {FOLDS} reports"
    plain, masked = separability(items, real), separability(items, real, masked=True)
    return f"{line}  {plain:.2f}  {masked:.2f}"


def shares(counts: Mapping[str, int]) -> str:
    """Percentages with the number behind them."""
    total = sum(counts.values())
    parts: Iterable[str] = (f"{name} {100 * n / total:.0f} %" for name, n in counts.items())
    return f"n={total:<5} {', '.join(parts)}"


if __name__ == "__main__":
    run(main)
