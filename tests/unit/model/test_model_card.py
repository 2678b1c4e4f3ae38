"""The card says what the model is, what it cannot do, and where its figures come from."""

import re

import joblib
from huggingface_hub import ModelCard

from model.bundle import load, save
from model.card import card_text
from model.cross_validation import cross_validate
from model.examples import Example
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
    evaluation = cross_validate(examples, stance, topics, groups=groups, articles=groups, **options)
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
