"""Each check finds its one defect, says where it is and what to do about it."""

import json

import pytest

from corpus.articles import add_article, read_articles
from corpus.checks import CHECKS, check_corpus
from corpus.findings import CorpusError
from corpus.folder import read_corpus
from corpus.records import Article
from corpus.sentences import freeze_sentences


def change_line(path, number, **changes):
    lines = path.read_text("utf-8").splitlines()
    lines[number - 1] = json.dumps(json.loads(lines[number - 1]) | changes)
    path.write_text("\n".join(lines) + "\n", "utf-8")


def replace(path, old, new):
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


# The defects, each in a copy of the tram corpus, which has no finding.


def e301_batch(tram):
    # Sentence 30 is not annotated, only batched, once its annotations are gone.
    path = tram / "annotations/b001.jsonl"
    kept = [line for line in path.read_text().splitlines() if "shopkeepers.005" not in line]
    path.write_text("\n".join(kept))
    change_line(tram / "batches/b001.jsonl", 30, sentence_id="shopkeepers.009")


def e302(tram):
    path = tram / "batches/b001.jsonl"
    path.write_text(path.read_text() + path.read_text().splitlines()[0])


def e303_annotator(tram):
    change_line(tram / "annotations/b001.jsonl", 1, annotator="ann-c")


def e303_batch(tram):
    (tram / "annotations/b001.jsonl").rename(tram / "annotations/b009.jsonl")


def e304_label(tram):
    change_line(tram / "annotations/b001.jsonl", 1, stance="pro")


def e304_act(tram):
    change_line(tram / "annotations/b001.jsonl", 1, act="pays")


def e305_label(tram):
    change_line(tram / "adjudications.jsonl", 1, value="pro")


def e305_rule(tram):
    rule = '\n[[rules]]\nid = "R1"\nname = "Target first"\ntext = "The line only."\n'
    with (tram / "codebook.toml").open("a") as file:
        file.write(rule)


def e305_votes(tram):
    path = tram / "annotations/b001.jsonl"
    kept = [line for line in path.read_text().splitlines() if "referendum.004" not in line]
    path.write_text("\n".join(kept))


HOLDER = {"start": 4, "end": 11, "actor": None, "stance": "support", "act": None}


def holders(tram, *changes, **fields):
    """Give the first annotation, a support, holders that differ from HOLDER as said."""
    given = [HOLDER | change for change in changes]
    change_line(tram / "annotations/b001.jsonl", 1, holders=given, **fields)


def with_act(tram):
    """Ask the act of those who support."""
    replace(tram / "codebook.toml", 'three_way = "favor"', 'three_way = "favor"\nasks_act = true')
    with (tram / "codebook.toml").open("a") as file:
        file.write('\n[act]\nquestion = "What do they do?"\n')
        for name in ("pay", "build"):
            file.write(f'\n[[act.values]]\nname = "{name}"\nmeaning = "They {name}."\n')


def with_mixed(tram):
    """Let the codebook have a value for holders who differ."""
    value = '[[stance.values]]\nname = "both"\nmeaning = "They differ."\nthree_way = "none"\n\n'
    path = tram / "codebook.toml"
    head, last = path.read_text().rsplit("[[stance.values]]", 1)
    path.write_text(head + value + "[[stance.values]]" + last)


def e306(tram):
    holders(tram, {"end": 999})


def e307(tram):
    holders(tram, {"actor": "council"})


def e308_label(tram):
    holders(tram, {"stance": "pro"})


def e308_act(tram):
    with_act(tram)
    holders(tram, {}, {"stance": "oppose", "act": "pay"})


def e308_mixed(tram):
    with_mixed(tram)
    holders(tram, {"stance": "both"}, stance="both")


def e309(tram):
    holders(tram, {"stance": "oppose"})


def e309_nobody(tram):
    holders(tram, {"stance": "none"})


def e309_differing(tram):
    with_mixed(tram)
    holders(tram, {}, {"stance": "oppose"})


def e310(tram):
    with_act(tram)
    holders(tram, {"act": "pay"}, act="build")


def e311(tram):
    with_mixed(tram)
    holders(tram, {}, {"stance": "none"}, stance="both")


def e411(tram):
    replace(tram / "articles/funding.toml", 'process = "funding"', 'process = "court"')


def e412(tram):
    replace(tram / "splits.csv", "court,train", "court,train\ndepot,test")


def w501(tram):
    # An article that nobody annotated yet.
    add_article(tram, Article("depot", "The depot is old."))


def w502(tram):
    replace(tram / "splits.csv", "court,train\n", "")


def written(tram, texts):
    """Written reports that are split and have a part."""
    for name, text in texts.items():
        add_article(tram, Article(name, text, synthetic=True))
        with (tram / "splits.csv").open("a") as file:
            file.write(f"{name},train\n")
    freeze_sentences(tram, read_articles(tram))


def w511(tram):
    same = "The depot will be painted before the first car of the new line leaves it."
    rest = {"depot": "Nobody lives near.", "tower": "It has a clock that everybody can see."}
    written(tram, {name: f"{same} {text}" for name, text in rest.items()})


def w512(tram):
    starts = {"depot": "Cars", "tower": "Bells", "quay": "Boats", "yard": "Rails"}
    written(tram, {name: f"{start} stay under the old roof." for name, start in starts.items()})


def w513(tram):
    # Ten of 40 sentences, in one report.
    numbers = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    written(tram, {"depot": " ".join(f"The depot holds {number}." for number in numbers)})


def w514(tram):
    names = (("council", ["council"]), ("mayor", []))
    (tram / "actors.toml").write_text(
        "format = 1\n"
        + "".join(
            f'[[actors]]\nid = "{name}"\nname = "The {name} of the town"\nkind = "body"\n'
            f"aliases = {aliases}\n"
            for name, aliases in names
        )
    )
    holders(tram, {"start": 9, "end": 16, "actor": "mayor"})  # "council"


def w354(tram):
    batch = {"format": 1, "sentence_id": "council-vote.001", "annotators": ["ann-a"]}
    batch |= {"lane": "all", "probability": 1.0, "kind": "production", "asks": "holders"}
    batch |= {"show_predictions": False, "order": "article"}
    (tram / "batches/h1.jsonl").write_text(json.dumps(batch) + "\n")
    first = json.loads((tram / "annotations/b001.jsonl").read_text().splitlines()[0])
    line = first | {"holders": [HOLDER]}
    (tram / "annotations/h1.jsonl").write_text(json.dumps(line) + "\n")
    change_line(tram / "annotations/b001.jsonl", 1, stance="oppose", act=None)


@pytest.mark.parametrize(
    ("defect", "place", "found", "advice"),
    [
        (e301_batch, "batches/b001.jsonl", "sentence shopkeepers.009", "Restore"),
        (e302, "batches/b001.jsonl", "sentence council-vote.001 stands twice", "Delete"),
        (e303_annotator, "annotations/b001.jsonl", "the batch asked ann-a, ann-b", "Add"),
        (e303_batch, "annotations/b009.jsonl", "no batch b009", "Restore"),
        (e304_label, "annotations/b001.jsonl", "stance 'pro' is not in codebook", "Correct"),
        (e304_act, "annotations/b001.jsonl", "act 'pays' is not in codebook", "Correct"),
        (e305_label, "adjudications.jsonl", "stance 'pro' is not in codebook", "Correct"),
        (e305_rule, "adjudications.jsonl", "rule '' is not in the codebook", "Cite one of R1"),
        (e305_votes, "adjudications.jsonl", "nobody annotated this sentence", "Annotate it"),
        (e306, "annotations/b001.jsonl", "span [4, 999) leaves the sentence", "Mark"),
        (e307, "annotations/b001.jsonl", "there is no actor 'council'", "Add it"),
        (e308_label, "annotations/b001.jsonl", "stance 'pro' is not in codebook", "Correct"),
        (e308_act, "annotations/b001.jsonl", "act 'pay' was given, but", "Correct"),
        (e308_mixed, "annotations/b001.jsonl", "one holder cannot be both", "Give each"),
        (e309, "annotations/b001.jsonl", "(oppose) make it oppose, but", "Correct"),
        (e309_nobody, "annotations/b001.jsonl", "(none) make it none, but", "Correct"),
        (e309_differing, "annotations/b001.jsonl", "(support, oppose) make it both", "Correct"),
        (e310, "annotations/b001.jsonl", "the act is build, but the holders' is pay", "Correct"),
        (e311, "annotations/b001.jsonl", "both needs two holders", "Mark the other"),
        (w354, "annotations/h1.jsonl", "by ann-a: the holders do not count: the hol", "Correct"),
        (e411, "splits.csv", "court in train, funding in test", "Move"),
        (e412, "splits.csv", "there is no article depot", "Delete"),
        (w501, "articles/depot.txt", "not split into sentences yet", "`make sentences`"),
        (w502, "splits.csv", "no part for 1 article (court)", "`make splits`"),
        (w511, "sentences/tower.jsonl", "tower.001 is nearly the same as depot.001", "anew"),
        (w512, "articles", '"stay under the old" in 4, "under the old roof" in 4', "differently"),
        (w513, "articles", '"the depot holds" opens 10 of 40', "differently"),
        (w514, "annotations/b001.jsonl", '"council" is a name of council, but', "Correct one"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_defect_is_found_with_its_place_and_the_way_out(tram, defect, place, found, advice):
    defect(tram)
    findings = check_corpus(read_corpus(tram))
    code = defect.__name__[:4].upper()
    hits = [finding for finding in findings if finding.code == code]
    assert hits, findings
    assert {finding.place for finding in hits} == {str(tram / place)}
    assert any(found in finding.message for finding in hits), hits
    assert all(advice in finding.message for finding in hits), hits


def test_a_sound_corpus_has_no_finding(tram):
    assert check_corpus(read_corpus(tram)) == []


def test_every_check_has_a_defect_above():
    tested = {name[:4] for name in globals() if name[1:4].isdigit()}
    assert {check.__name__[:4] for check in CHECKS} == tested


def test_holders_that_fit_their_sentence_are_no_finding(tram):
    with_mixed(tram)
    actor = 'format = 1\n[[actors]]\nid = "council"\nname = "Council"\nkind = "city"\n'
    (tram / "actors.toml").write_text(actor)
    implicit = {"start": None, "end": None, "stance": "none"}
    holders(tram, {"actor": "council"}, {}, implicit)
    assert check_corpus(read_corpus(tram)) == []
    holders(tram, {}, {"stance": "oppose"}, stance="both")
    assert check_corpus(read_corpus(tram)) == []


def test_published_reports_may_sound_alike(tram):
    w512(tram)
    for path in (tram / "articles").glob("*.toml"):
        path.write_text(path.read_text().replace("synthetic = true\n", ""))
    assert check_corpus(read_corpus(tram)) == []


def test_superseded_annotations_are_not_checked_again(tram):
    # A label of an older codebook that its annotator has since replaced.
    path = tram / "annotations/b001.jsonl"
    first = path.read_text().splitlines()[0]
    old = json.dumps(json.loads(first) | {"stance": "pro"})
    path.write_text(old + "\n" + path.read_text())
    assert check_corpus(read_corpus(tram)) == []


def test_warnings_are_no_errors(tram):
    w502(tram)
    assert [finding.severity for finding in check_corpus(read_corpus(tram))] == ["warning"]


# What the readers find, in the same corpus: one defect a code, E1xx and E2xx.


def unreadable_codebook(tram):
    replace(tram / "codebook.toml", "format = 1", "format = ")


def changed_text(tram):
    replace(tram / "articles/court.txt", "A court", "The court")


def article_gone(tram):
    for suffix in ("txt", "toml"):
        (tram / f"articles/court.{suffix}").unlink()


def moved_sentence(tram):
    change_line(tram / "sentences/court.jsonl", 2, start=64)


def double_sentence(tram):
    change_line(tram / "sentences/court.jsonl", 2, id="court.001")


def broken_annotation(tram):
    change_line(tram / "annotations/b001.jsonl", 1, annotator="jo@example.org")


def broken_adjudication(tram):
    change_line(tram / "adjudications.jsonl", 1, layer="mood")


def broken_actors(tram):
    (tram / "actors.toml").write_text('format = 1\n[[actors]]\nid = "a"\nname = "A"\n')


def broken_split(tram):
    replace(tram / "splits.csv", "court,train", "court,exam")


@pytest.mark.parametrize(
    ("defect", "code", "place"),
    [
        (unreadable_codebook, "E101", "codebook.toml"),
        (changed_text, "E134", "articles/court.toml"),
        (article_gone, "E141", "sentences/court.jsonl"),
        (moved_sentence, "E142", "sentences/court.jsonl:2"),
        (double_sentence, "E143", "sentences/court.jsonl:2"),
        (broken_annotation, "E201", "annotations/b001.jsonl:1"),
        (broken_adjudication, "E211", "adjudications.jsonl:1"),
        (broken_split, "E401", "splits.csv:3"),
        (broken_actors, "E162", "actors.toml: actors[0] (a)"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_readers_find_their_defect(tram, defect, code, place):
    defect(tram)
    with pytest.raises(CorpusError) as refusal:
        read_corpus(tram)
    assert [(item.code, item.place) for item in refusal.value.findings] == [
        (code, str(tram / place))
    ]


def test_a_missing_folder_says_how_to_make_one(tmp_path):
    with pytest.raises(CorpusError, match=r"no such folder. `make new-corpus CORPUS="):
        read_corpus(tmp_path / "nowhere")
