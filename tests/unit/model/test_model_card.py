"""The card says what the model is, what it cannot do, and where its figures come from."""

import json
import re

import joblib
from huggingface_hub import ModelCard

from model.bundle import load, save
from model.card import card_text
from model.cross_validation import cross_validate
from model.examples import Example
from model.report import Evaluation
from model.settings import Settings
from model.training import train


def test_the_hub_reads_the_front_matter(bundle_directory):
    card = ModelCard.load(bundle_directory / "README.md")
    assert card.data.library_name == "scikit-learn"
    assert card.data.pipeline_tag == "text-classification"


def test_the_card_names_untrained_labels_data_and_the_missing_score(bundle_directory):
    text = (bundle_directory / "README.md").read_text()
    digest = load(bundle_directory).digest
    assert f"Model digest: `{digest}`" in text
    assert "| `mixed` | 0 | **not trained: no example**; the model never answers it |" in text
    assert "| `no_stance` | 5 | takes no side |" in text
    assert "| `prisoners` | 0 | **not trained: no sentence has it**" in text
    assert "20 sentences of 1 article, 20 of them labelled for topics." in text
    assert "Labelled by: two language models, adjudicated." in text
    assert f"Dataset digest: `{'d' * 64}`" in text
    assert "None: 20 sentences of one article cannot be scored: a reason." in text
    assert "Not for deciding anything about persons" in text


def test_the_card_of_a_scored_model_has_the_baseline_beside_every_score(
    tmp_path, labels_without_topics
):
    examples = [Example("they accept"), Example("they reject")] * 6
    stance, topics = ["favor", "against"] * 6, [None] * 12
    groups = [f"g{n // 4}" for n in range(12)]
    options = {"labels": labels_without_topics, "settings": Settings(n_columns=2**8)}
    found = cross_validate(examples, stance, topics, groups=groups, articles=groups, **options)
    evaluation = found.evaluation
    manifest = save(
        tmp_path / "model",
        train(examples, stance, topics, **options),
        evaluation,
        n_articles=3,
        dataset_digest="d",
        annotators="",
    )
    text = card_text(manifest, evaluation)
    assert (tmp_path / "model" / "README.md").read_text() == text
    # Balanced folds: the baseline answers favor everywhere, 6 of 12 right.
    assert (
        "| stance accuracy | 1.000 | no interval: 3 articles, expected at least 10 | majority 0.500 |"
    ) in text
    assert (
        "| `mixed` | 0 | undefined | undefined | undefined | no score: no sentence has it |" in text
    )
    assert "Labelled by: not stated." in text
    assert "The codebook has no topics." in text


def test_what_was_tuned_is_saved_and_stands_on_the_card(tmp_path, labels):
    # Forty articles; "reject" is always against, "accept" is favor in three of four.
    texts = ["they reject the truce", "they accept the truce with aid"] * 4
    stance = ["against", "favor"] * 3 + ["against", "against"]
    rows = [(t, s, f"g{g}") for g in range(8) for t, s in zip(texts * 5, stance * 5, strict=True)]
    examples, stance, groups = (
        [Example(t) for t, _, _ in rows],
        [s for _, s, _ in rows],
        [g for _, _, g in rows],
    )
    topics = [{"aid"} if "aid" in t else set() for t, _, _ in rows]
    articles = [f"{g}-{n // 8}" for n, g in enumerate(groups)]
    options = {"labels": labels, "settings": Settings(n_columns=2**8)}
    found = cross_validate(
        examples, stance, topics, groups=groups, articles=articles, precision=0.95, **options
    ).evaluation
    model = train(examples, stance, topics, **options)
    manifest = save(
        tmp_path / "model", model, found, n_articles=40, dataset_digest="d", annotators=""
    )
    assert manifest == load(tmp_path / "model").manifest
    assert manifest.temperature == found.calibration.temperature != 1.0
    assert manifest.abstain_below == found.abstention.abstain_below > 0.5
    # Only aid has a threshold: no sentence has another topic, so no other is trained.
    assert manifest.topic_thresholds == {"aid": found.topic_thresholds.by_topic["aid"]}
    content = joblib.load(tmp_path / "model" / "bundle.joblib")
    assert (content["temperature"], content["abstain_below"], content["topic_thresholds"]) == (
        manifest.temperature, manifest.abstain_below, manifest.topic_thresholds,
    )  # fmt: skip
    report = json.loads((tmp_path / "model" / "report.json").read_text())
    assert Evaluation.from_dict(report) == found

    text = (tmp_path / "model" / "README.md").read_text()
    assert f"It answers from a stance probability of {manifest.abstain_below:g} on" in text
    assert f"divided by the temperature {manifest.temperature:g} before" in text
    assert f"- Calibration with temperature {manifest.temperature:.2f}: states " in text
    assert "| 95% | " in text
    assert "holds for texts like the training texts only." in text
    assert "| `favor` | 37.5% |" in text
    assert (
        "A stance probability is calibrated on texts like the training texts; a topic's is not."
        in text
    )
    assert f"from this probability on: `aid` {manifest.topic_thresholds['aid']:g}." in text


def test_the_card_of_a_model_that_was_not_tuned_says_so(bundle_directory):
    text = (bundle_directory / "README.md").read_text()
    assert "It always answers. Stance scores are divided by the temperature 1 before" in text
    assert "Neither was tuned: too few held-out articles." in text
    assert "A probability says how the model ranks its answers; it is not calibrated." in text
    assert "from this probability on: `aid` 0.5, `talks` 0.5." in text


def test_the_loading_examples_of_the_card_run(bundle_directory, monkeypatch, capsys):
    blocks = re.findall(r"```python\n(.*?)```", (bundle_directory / "README.md").read_text(), re.S)
    assert len(blocks) == 2
    (bundle_directory.parent / "build").mkdir()
    bundle_directory.rename(bundle_directory.parent / "build" / "model")
    monkeypatch.chdir(bundle_directory.parent)
    for block in blocks:
        exec(block, {})  # the reader would paste it
    printed = capsys.readouterr().out
    assert printed.startswith("favor {")
    assert "'aid'" in printed
    assert joblib  # the second block needs it installed
