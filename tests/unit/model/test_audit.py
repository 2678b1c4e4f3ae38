"""A model that has learned a name is told from one that reads what is done."""

import json
from dataclasses import replace

import pytest

from model.audit import audit
from model.audit_variants import ALIAS, ANOTHER, EXCHANGED, WORD, WORDS, Mention, NamingSentence
from model.errors import ModelError
from model.settings import Settings

SETTINGS = Settings(n_columns=2**12)
KINDS = {"xylon": "group", "varda": "group", "mirror": "state"}
NAMES = {"xylon": "Xylon Front", "varda": "Varda", "mirror": "Mirror Republic"}
PLACES = ("Doha", "Oslo", "Geneva", "Cairo", "Minsk")
N_GROUPS = 12


def sentence(number, text, stance, *, group, actors, holders=()):
    """A sentence with the names of the actors in place of {}."""
    parts = text.split("{}")
    mentions, built = [], parts[0]
    for actor, part in zip(actors, parts[1:], strict=True):
        mentions.append(Mention(len(built), len(built) + len(NAMES[actor]), actor))
        built += NAMES[actor] + part
    return NamingSentence(
        f"s{number:04d}", built, stance, f"art-{group}", f"g{group}", tuple(mentions), holders
    )


def run(sentences, labels, **options):
    return audit(
        sentences,
        KINDS,
        labels=labels,
        sides=("group", "state"),
        settings=SETTINGS,
        n_resamples=100,
        **options,
    )


@pytest.fixture(scope="module")
def prejudiced(labels):
    """Only the name tells: four of five sentences of Xylon are against, of Varda in favor."""
    sentences = [
        sentence(
            100 * group + n,
            f"{{}} spoke in {place} about the truce.",
            "against" if (actor == "xylon") == (n < 4) else "favor",
            group=group,
            actors=[actor],
            holders=(actor,),
        )
        for group in range(N_GROUPS)
        for actor in ("xylon", "varda")
        for n, place in enumerate(PLACES)
    ]
    return run(sentences, labels)


@pytest.fixture(scope="module")
def fair(labels):
    """Only the verb tells; everybody does everything equally often."""
    sentences = [
        sentence(
            100 * group + 10 * n + side,
            f"{{}} {verb} with {{}} the truce in {PLACES[(n + group) % 5]} again.",
            stance,
            group=group,
            actors=actors,
        )
        for group in range(N_GROUPS)
        for n, actors in enumerate(
            [["xylon", "varda"], ["varda", "xylon"], ["mirror", "varda"], ["xylon", "mirror"]]
        )
        for side, (verb, stance) in enumerate([("accepted", "favor"), ("rejected", "against")])
    ]
    return run(sentences, labels)


def test_a_name_that_decides_is_seen_in_the_scores(prejudiced):
    shown = prejudiced.masked["all sentences"]
    # Four of five are right, of both sides: F1 0.8. Without names all texts are alike but for
    # places, which stand for both sides equally often: half are right at most.
    assert shown.plain["stance_macro_f1"].value == pytest.approx(0.8)
    assert shown.in_use["stance_accuracy"].value <= 0.5
    assert shown.in_training["stance_accuracy"].value <= 0.5
    change = shown.change_in_use["stance_accuracy"]
    assert change.value == pytest.approx(shown.in_use["stance_accuracy"].value - 0.8)
    assert change.high < 0
    assert shown.plain["stance_macro_f1"].baselines["majority"] < 0.5


def test_a_name_that_decides_is_seen_in_the_swaps(prejudiced):
    another, word = prejudiced.swaps[ANOTHER], prejudiced.swaps[WORD]
    assert (another.n_sentences, another.n_variants) == (120, 360)
    assert (another.flips_three_way.value, another.flips_five_way.value) == (1, 1)
    assert (word.flips_three_way.value, another.beyond[WORD].value) == (0, 1)
    assert another.change_against.value > 10 * word.change_against.value
    # Nobody has two names here, and no sentence names two.
    for kind in (ALIAS, EXCHANGED, WORDS):
        assert prejudiced.swaps[kind].flips_three_way.note == "undefined: no sentence"


@pytest.mark.parametrize("where", ["by_mention", "by_holder"])
def test_a_name_that_decides_is_seen_in_the_direction_of_error(prejudiced, where):
    leans = {lean.name: lean for lean in getattr(prejudiced, where)}
    xylon, varda = leans["xylon"], leans["varda"]
    assert (xylon.n_sentences, xylon.n_articles, xylon.kind) == (60, 12, "group")
    assert xylon.gold == pytest.approx({"favor": 0.2, "against": 0.8})
    assert xylon.predicted == {"favor": 0, "against": 1}
    # (0 - 1/5) - (1 - 4/5), in every article alike; Varda is the mirror image.
    assert (xylon.favor.value, xylon.against.value) == pytest.approx((-0.2, 0.2))
    assert (xylon.lean.value, xylon.lean.high) == pytest.approx((-0.4, -0.4))
    assert (varda.lean.value, varda.error_rate.value) == pytest.approx((0.4, 0.2))
    assert (xylon.is_off, varda.is_off) == (True, True)
    # All texts are alike once names are masked, so one of the two moves by two steps, from against
    # to favor or back, and the other not at all; places may decide some sentences otherwise.
    assert varda.by_name.value - xylon.by_name.value == pytest.approx(2)
    assert xylon.by_name.value <= 0 <= varda.by_name.value


def test_a_name_that_decides_is_seen_by_itself(prejudiced):
    most, least = prejudiced.weights.names
    assert (most.actor, most.name, most.n_sentences) == ("xylon", "Xylon Front", 60)
    assert (least.actor, least.gold["favor"]) == ("varda", pytest.approx(0.8))
    assert most.against > 0.2
    assert least.favor > 0.1
    assert prejudiced.weights.n_above == {"favor": 1, "against": 1}
    assert prejudiced.n_hanging == 60
    first = prejudiced.hanging[0]
    assert (first.predicted, first.masked) in {("against", "favor"), ("favor", "against")}
    assert first.names in {("Xylon Front",), ("Varda",)}
    changes = [one.change for one in prejudiced.hanging]
    assert changes == sorted(changes, reverse=True)


def test_names_that_decide_nothing_are_cleared(fair):
    shown = fair.masked["sentences that name an actor"]
    assert shown.plain["stance_macro_f1"].value == 1
    for changes in (shown.change_in_use, shown.change_in_training):
        assert {name: change.value for name, change in changes.items()} == dict.fromkeys(changes, 0)
    assert {kind: swap.flips_three_way.value for kind, swap in fair.swaps.items()} == {
        ANOTHER: 0, WORD: 0, ALIAS: None, EXCHANGED: 0, WORDS: 0,
    }  # fmt: skip
    assert [lean.lean.value for lean in fair.by_mention] == [0, 0, 0]
    assert not any(lean.is_off or lean.is_by_name for lean in fair.by_mention)
    assert (fair.n_hanging, fair.hanging) == (0, ())
    assert all(abs(name.against) < 0.1 for name in fair.weights.names)


def test_it_is_counted_how_many_models_had_met_the_name(labels, fair):
    assert (fair.n_naming, fair.n_known) == (96, 96)
    # Each group has its own actor: no model has met the name it is asked about.
    own = [
        NamingSentence(f"s{n}", "Fu said so.", "favor" if n % 2 else "against", *[f"g{n // 2}"] * 2,
                       (Mention(0, 2, f"fu-{n // 2}"),))
        for n in range(6)
    ]  # fmt: skip
    kinds = {f"fu-{n}": "group" for n in range(3)}
    found = audit(own, kinds, labels=labels, sides=("group", "state"), settings=SETTINGS)
    assert (found.n_naming, found.n_known) == (6, 0)


def test_two_kinds_are_compared_where_only_one_of_them_is_named(fair):
    # Two of four sentence patterns name groups only, none a state only.
    assert [(lean.name, lean.n_sentences) for lean in fair.by_side] == [
        ("group, no state", 48),
    ]
    assert fair.contrast.note == "undefined: one of the two has no sentence"


def test_the_audit_is_strict_json_and_a_text(prejudiced):
    data = json.loads(json.dumps(prejudiced.to_dict(), allow_nan=False))
    assert (data["format"], data["is_audited"], data["mask"]) == (1, True, "X")
    text = prejudiced.describe(n_shown=1)
    assert "120 sentences name an actor; 120 of them one that their model met in training." in text
    assert "three-way 1.000  [1.000, 1.000]" in text
    assert "Xylon Front (xylon; gold 0.80 of 60 sentences)" in text
    assert "Answers that hang on a name: 60 of 120" in text
    assert text.count(" (gold ") == 1


def test_the_same_input_gives_the_same_audit(fair, labels):
    sentences = [
        sentence(n, "{} accepted it.", stance, group=n, actors=["varda"])
        for n, stance in enumerate(["favor", "against"] * 2)
    ]
    calls = []
    first, again = (
        run(sentences, labels, progress=lambda *of: calls.append(of)).to_dict() for _ in range(2)
    )
    assert json.dumps(first) == json.dumps(again)
    # Four groups are left out twice, names shown and masked, and one model learns from all.
    assert calls[:9] == [(n, 9) for n in range(1, 10)]


@pytest.mark.parametrize(
    ("actors", "groups", "stances", "why_not"),
    [
        ([], (0, 1), ("favor", "against"), "None of 2 sentences names one of 3 actors"),
        (["varda"], (0, 0), ("favor", "against"), "2 sentences of one group cannot be audited"),
        (["varda"], (0, 1), ("favor", "favor"), 'All 2 sentences have the stance "favor"'),
        (["varda"], (0, 1), ("favor", "against"), "2 sentences cannot be audited: without one"),
    ],
)
def test_what_cannot_be_audited_says_why(labels, actors, groups, stances, why_not):
    text = "{} spoke." if actors else "Nobody spoke."
    rows = zip(groups, stances, strict=True)
    sentences = [
        sentence(n, text, stance, group=group, actors=actors)
        for n, (group, stance) in enumerate(rows)
    ]
    found = run(sentences, labels)
    assert not found.is_audited
    assert found.describe().startswith(why_not)
    assert json.loads(json.dumps(found.to_dict()))["why_not"] == found.why_not


def test_a_fold_that_would_learn_one_value_answers_nothing_and_is_said(labels):
    # Without the first group everybody else is against.
    rows = [(0, "favor"), (0, "favor"), (1, "against"), (2, "against")]
    sentences = [
        sentence(n, "{} spoke.", stance, group=group, actors=["varda"])
        for n, (group, stance) in enumerate(rows)
    ]
    found = run(sentences, labels)
    assert found.masked["all sentences"].n_sentences == 2
    assert found.notes[0].startswith("2 sentences have no answer: their fold would learn a single")


def test_an_article_in_two_groups_is_refused(labels):
    one = sentence(0, "{} spoke.", "favor", group=0, actors=["varda"])
    with pytest.raises(ModelError, match="Article art-0 lies in two groups"):
        run([one, replace(one, id="s2", group="g1")], labels)


def test_an_unknown_stance_is_refused(labels):
    with pytest.raises(ModelError, match='stance "pro" is not in codebook'):
        run([sentence(0, "{} spoke.", "pro", group=0, actors=["varda"])], labels)
