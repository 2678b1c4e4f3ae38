"""What a person must know before using a model: its card, written by the code that saves.

Markdown with YAML front matter, as the Hugging Face Hub reads it.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from model.manifest import Manifest
from model.report import NAMES, counted, figure

if TYPE_CHECKING:
    from model.report import Evaluation

_FRONT = """---
library_name: scikit-learn
pipeline_tag: text-classification
tags:
- stance-detection
- news
- parley
---
"""

_USE = """## Intended use and limits

For describing large collections of news reports: counts and shares over many sentences, with a
person reading samples. Not for deciding anything about persons, and not evidence for what one
sentence, speaker or outlet stands for.

- The model scores one sentence by its words and letters. It knows no context, no world, no author.
- It learned from the sentences counted above. On other outlets, periods, languages or conflicts it
  will do worse than any figure here, and it does not notice.
- {probability}
- It can answer only with trained labels.
"""

_LOADING = """## Loading it

The plain arrays need numpy and mmh3 only, and loading them executes nothing:

```python
from pathlib import Path
from model.bundle import load
from model.examples import Example
from model.prediction import predict

bundle = load(Path("build/model"))
for prediction in predict(bundle, [Example("Both sides accepted the truce.")]):
    print(prediction.stance, prediction.stance_scores)
```

`bundle.joblib` is the same model in scikit-learn, and needs nothing of Parley. It answers with
temperature 1; `temperature`, `abstain_below` and `topic_thresholds` lie in it for you to apply. It
is a pickle: loading it runs whatever program it holds, so load it only from people you trust, and
compare its sha256 with one that you got from them, not from this folder.

```python
import joblib

bundle = joblib.load("build/model/bundle.joblib")  # scikit-learn {scikit_learn}
rows = bundle["features"].transform(["Both sides accepted the truce."])
print(dict(zip(bundle["stance"].classes_, bundle["stance"].predict_proba(rows)[0])))
if bundle["topics"] is not None:
    names = bundle["topic_names"]
    print(dict(zip(names, bundle["topics"].predict_proba(rows)[0][-len(names):])))
```

`model.trust.load_joblib` refuses unless that sha256 is in your own list of trusted files
(`~/.config/parley/trusted.txt`, one digest a line).

sha256 of `bundle.joblib`: `{joblib_sha256}`
"""


def card_text(manifest: Manifest, evaluation: "Evaluation") -> str:
    """The card of a model as markdown; the same for the same model and evaluation."""
    labels, training = manifest.labels, manifest.training
    sections = [
        f"# Stance classifier: {labels.codebook}",
        f"Classifies one sentence of a news report at a time: its stance toward "
        f"**{labels.target}**"
        + (", and the topics it has." if labels.topics else ". The codebook has no topics.")
        + " Hashed words and character runs, tf-idf, logistic regression (scikit-learn).",
        f"Model digest: `{manifest.digest}`",
        "## Labels\n\n"
        + _label_table("stance", training.stance_counts, manifest.untrained_stance, labels.neutral),
    ]
    if labels.topics:
        table = _label_table("topic", training.topic_counts, manifest.untrained_topics)
        sections.append(f"{table}\n\n{_thresholds(manifest, evaluation)}")
    sections += [
        "## Training data\n\n"
        f"{counted(training.n_sentences, 'sentence')} of {counted(training.n_articles, 'article')}"
        + (f", {training.n_asked} of them labelled for topics" if labels.topics else "")
        + f". Labelled by: {training.annotators.rstrip('.') or 'not stated'}. "
        f"Dataset digest: `{training.dataset_digest}`.",
        "## Scores\n\n" + _scores(evaluation),
        "## When it does not answer\n\n" + _abstention(manifest, evaluation),
        _USE.rstrip().format(
            probability="A stance probability is calibrated on texts like the training texts; a "
            "topic's is not."
            if evaluation.calibration
            else "A probability says how the model ranks its answers; it is not calibrated."
        ),
        _LOADING.rstrip().format(
            scikit_learn=manifest.versions["scikit-learn"],
            joblib_sha256=manifest.files["bundle.joblib"].sha256,
        ),
        "## How it was made\n\n"
        f"Settings: `{json.dumps(manifest.settings.to_dict())}`. Versions: "
        + ", ".join(f"{name} {number}" for name, number in sorted(manifest.versions.items()))
        + ".",
    ]
    return _FRONT + "\n" + "\n\n".join(sections) + "\n"


def _label_table(
    layer: str, counts: Mapping[str, int], untrained: Mapping[str, str], neutral: str = ""
) -> str:
    lines = [f"| {layer} | examples | |", "|---|---:|---|"]
    for label, n in counts.items():
        remarks = ["takes no side"] if label == neutral else []
        if label in untrained:
            remarks.append(f"**not trained: {untrained[label]}**; the model never answers it")
        lines.append(f"| `{label}` | {n} | {'; '.join(remarks)} |")
    return "\n".join(lines)


def _thresholds(manifest: Manifest, evaluation: "Evaluation") -> str:
    found = ", ".join(f"`{name}` {value:g}" for name, value in manifest.topic_thresholds.items())
    few = evaluation.topic_thresholds.few if evaluation.topic_thresholds else {}
    return f"A sentence has a topic from this probability on: {found or 'none is trained'}." + (
        f" Too few examples for a threshold of their own: {', '.join(few)}." if few else ""
    )


def _abstention(manifest: Manifest, evaluation: "Evaluation") -> str:
    """What the model does with a sentence that it is not sure of, and what that is worth."""
    threshold = manifest.abstain_below
    lines = [
        "It always answers."
        if threshold is None
        else f"It answers from a stance probability of {threshold:g} on, and abstains below.",
        f"Stance scores are divided by the temperature {manifest.temperature:g} before they become "
        "probabilities.",
    ]
    calibration, abstention = evaluation.calibration, evaluation.abstention
    if not calibration or not abstention:
        return " ".join([*lines, "Neither was tuned: too few held-out articles."])
    lines = [
        " ".join(lines) + " The figures are of sentences that neither was tuned on.",
        "",
        *(f"- {_sentence(line)}." for line in [*calibration.describe(), abstention.summary]),
        *(f"- {_sentence(note)}." for note in abstention.notes),
    ]
    lines += ["", "| precision wanted | threshold | coded | precision |", "|---:|---:|---|---|"]
    for point in abstention.points:
        found = (
            f"{point.threshold:g} | {point.coverage.percent} | {point.precision.percent}"
            if point.threshold is not None
            else "not reached | | "
        )
        lines.append(f"| {100 * (point.wanted or 0):g}% | {found} |")
    if abstention.chosen:
        lines += ["", "| stance | gold share | all answers | decided | precision of the decided |"]
        lines += ["|---|---:|---:|---:|---|"]
        lines += [f"| `{row[0]}` | {' | '.join(row[1:])} |" for row in abstention.share_lines()]
    return "\n".join(lines)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _scores(evaluation: "Evaluation") -> str:
    if not evaluation.is_scored:
        return f"None: {evaluation.why_not}"
    lines = [
        f"{evaluation.extent} Intervals (95 %) are percentiles over "
        f"{evaluation.n_resamples} resamplings of whole articles. The majority baseline always "
        "answers the majority of the training part, the keyword baseline goes by cue words alone.",
        "",
        "| score | value | 95 % interval | baselines |",
        "|---|---:|---|---|",
    ]
    for name, score in evaluation.scores.items():
        interval = score.note if score.low is None else f"{score.low:.3f} to {score.high:.3f}"
        beside = ", ".join(f"{which} {figure(value)}" for which, value in score.baselines.items())
        lines.append(f"| {NAMES[name]} | {figure(score.value)} | {interval} | {beside} |")
    for layer, classes in (("stance", evaluation.stance), ("topic", evaluation.topics)):
        if classes:
            lines += [
                "",
                f"| {layer} | n | precision | recall | F1 | |",
                "|---|---:|---:|---:|---:|---|",
            ]
        for label, one in classes.items():
            figures = " | ".join(figure(value) for value in (one.precision, one.recall, one.f1))
            lines.append(f"| `{label}` | {one.n} | {figures} | {one.note} |")
    splits = evaluation.split_gap.describe() if evaluation.split_gap else ()
    notes = [*filter(None, [evaluation.annotator_words]), *splits, *evaluation.all_notes]
    lines += ["", *(f"- {note}." for note in notes)] if notes else []
    return "\n".join(lines)
