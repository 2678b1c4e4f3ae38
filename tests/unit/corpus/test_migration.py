"""A newer codebook: answers in its names, what needs a person again, and what is in the way."""

from dataclasses import replace
from datetime import date

import pytest

from corpus.annotation_changes import carry_out
from corpus.annotations import (
    append_adjudications,
    append_annotations,
    current,
    from_elsewhere,
    new_lines,
)
from corpus.batches import BatchItem
from corpus.checks import check_corpus
from corpus.codebook import parse_codebook
from corpus.cues import read_cues
from corpus.findings import CorpusError
from corpus.folder import Corpus
from corpus.gold import gold_labels
from corpus.migration import (
    contradictions,
    described,
    plan_migration,
    refusals,
    review_items,
    stored_uses,
)
from corpus.records import Holder
from corpus.reliability import agreement_tables, reliability
from corpus.renamed import renamed

TODAY = date(2031, 5, 6)


def table(name, **keys):
    lines = [f"[[{name}]]", *(f'{key} = "{value}"' for key, value in keys.items())]
    return "\n".join(["", *lines, ""])


def rename(layer, old, new, version="2"):
    return table("renames", layer=layer, old=old, new=new, version=version)


def recode(layer, value, version="2", reason="split"):
    return table("recode", layer=layer, value=value, version=version, reason=reason)


@pytest.fixture
def newer(small_text):
    """Version 2 of the small codebook: pairs of old and new text, and tables at its end."""

    def make(*pairs, more=""):
        text = small_text.replace('version = "1.0"', 'version = "2"')
        for old, new in pairs:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        return parse_codebook(text + more, "codebook.toml")

    return make


@pytest.fixture
def stored(tmp_path, forty):
    """A corpus folder with these answers in batch b001, under another codebook than theirs."""

    def make(codebook, answers, decisions=()) -> Corpus:
        append_annotations(tmp_path, "b001", answers)
        append_adjudications(tmp_path, decisions)
        items = tuple(
            BatchItem(name, tuple({item.annotator: None for item in answers}))
            for name in dict.fromkeys(item.sentence_id for item in answers)
        )
        return replace(
            forty,
            codebook=codebook,
            batches={"b001": items},
            annotations={"b001": list(answers)},
            adjudications=list(decisions),
        )

    return make


FAVOR_IS_BACKS = ('{ name = "favor"', '{ name = "backs"')
NO_AID = ('\n  { name = "aid", meaning = "Aid.", hotkey = "d" },', "")


def test_an_answer_in_todays_names_is_the_same_answer(newer, vote):
    book = newer(FAVOR_IS_BACKS, NO_AID, more=rename("stance", "favor", "backs"))
    given = vote(act="offer", holders=(Holder(0, 4, None, "favor", "offer"),), note="R1")
    holders = (Holder(0, 4, None, "backs", "offer"),)
    assert renamed(given, book) == replace(given, stance="backs", holders=holders)
    untouched = vote(stance="against")
    assert renamed(untouched, book) is untouched


def test_two_chosen_topics_that_are_one_now_collapse_in_codebook_order(newer, vote):
    book = newer(
        ('{ name = "talks"', '{ name = "money", meaning = "Money." },\n{ name = "help"'),
        NO_AID,
        more=rename("topics", "talks", "help") + rename("topics", "aid", "help"),
    )
    given = vote(stance="none", topics=("talks", "aid", "money"))
    assert renamed(given, book).topics == ("money", "help")


def test_a_merged_stance_that_asks_for_no_act_loses_it(newer, vote):
    book = newer(
        ('  { name = "against", meaning = "No.", hotkey = "2", three_way = "against", '
         'asks_act = true },\n', ""),
        more=rename("stance", "against", "none"),
    )  # fmt: skip
    given = vote(stance="against", act="refuse")
    assert (renamed(given, book).stance, renamed(given, book).act) == ("none", None)


def test_a_chain_of_renames_leads_to_the_last_name(newer, vote):
    chain = rename("stance", "pro", "favor", "1.0") + rename("stance", "favor", "backs")
    book = newer(FAVOR_IS_BACKS, more=chain)
    assert [renamed(vote(stance=name), book).stance for name in ("pro", "favor", "backs")] == [
        "backs"
    ] * 3
    assert "was renamed to 'backs'" in next(book.problems_of(vote(stance="pro")))


def test_a_circle_of_renames_and_two_names_for_one_value_are_faults(small_text):
    circle = rename("topics", "a", "b", "1.0") + rename("topics", "b", "a", "1.0")
    twice = rename("topics", "c", "talks", "1.0") + rename("topics", "c", "aid", "1.0")
    with pytest.raises(CorpusError) as refusal:
        parse_codebook(small_text + circle + twice, "book")
    assert [(item.place, item.code) for item in refusal.value.findings] == [
        ("book: renames[0]", "E119"),
        ("book: renames[1]", "E119"),
        ("book: renames[2]", "E340"),
        ("book: renames[3]", "E340"),
    ]


def test_a_recode_of_a_renamed_value_or_of_no_layer_is_a_fault(small_text):
    more = rename("stance", "pro", "favor", "1.0") + recode("stance", "pro", "1.0")
    with pytest.raises(CorpusError, match=r"recode\[0\]: E340 .* renamed to 'favor'. Name that"):
        parse_codebook(small_text + more, "book")
    flags = small_text.index("[flags]")
    without = small_text[:flags] + small_text[small_text.index("[[rules]]") :]
    with pytest.raises(CorpusError, match=r"E340 flags is not asked"):
        parse_codebook(without + recode("flags", "unsure", "1.0"), "book")


def test_lines_in_todays_names_are_appended_once_and_old_ones_stay(newer, stored, vote, decision):
    book = newer(FAVOR_IS_BACKS, more=rename("stance", "favor", "backs"))
    first, other = vote(source="label-studio/1"), vote("ann-b", "against")
    changed = replace(first, note="again")
    skipped = vote("ann-c", None, status="skipped", sentence_id="a.002")
    corpus = stored(book, [first, changed, other, skipped], [decision("stance", "favor")])
    plan = plan_migration(corpus, {})
    migrated = replace(changed, stance="backs", source="label-studio/1; renamed in codebook 2")
    assert (plan.lines, plan.waiting) == ({"b001": (migrated,)}, ())
    assert plan.decisions == (replace(decision("stance", "favor"), value="backs"),)
    old, _ = stored_uses(corpus)
    assert described(corpus, plan, old) == [
        "stance favor is backs now: 1 stored line and 1 decision"
    ]

    carry_out(corpus, plan, TODAY)
    path = corpus.path / "annotations/b001.jsonl"
    assert len(path.read_text().splitlines()) == 5
    assert (corpus.path / "ANNOTATION_CHANGES.md").read_text().endswith(
        "\n\n- 2031-05-06: names of codebook 2 (stance `favor` is `backs`): 1 answer (b001 1) and "
        "1 decision superseded by the same in today's names; the older lines stay.\n"
    )  # fmt: skip
    done = replace(
        corpus,
        annotations={"b001": [*corpus.annotations["b001"], migrated]},
        adjudications=[*corpus.adjudications, *plan.decisions],
    )
    before = {item: item.read_bytes() for item in corpus.path.rglob("*") if item.is_file()}
    again = plan_migration(done, {})
    assert (again.lines, again.decisions, again.waiting) == ({}, (), ())
    carry_out(done, again, date(2031, 5, 7))
    assert {item: item.read_bytes() for item in before} == before
    assert gold_labels(current(done.votes), done.adjudications, book).labels["a.001"].stance == (
        "backs"
    )


def test_what_the_server_still_says_is_no_news_after_a_migration(newer, vote):
    book = newer(FAVOR_IS_BACKS, more=rename("stance", "favor", "backs"))
    given = vote(source="label-studio/1")
    line = renamed(given, book).marked_as_renamed("2")
    later = replace(given, stance="backs", created_at="2031-05-06T00:00:00Z")
    assert new_lines([given, line], [later]) == []
    skipped = replace(later, stance=None, status="skipped")
    assert new_lines([given, line], [skipped]) == [skipped]
    assert from_elsewhere([given, line], [skipped]) == []


def test_a_renamed_old_answer_is_no_newer_than_a_later_one(newer, stored, vote):
    book = newer(FAVOR_IS_BACKS, more=rename("stance", "favor", "backs"))
    old = vote(created_at="2026-11-01T00:00:00Z")
    last = vote(sentence_id="a.002", stance="none", created_at="2026-11-20T00:00:00Z")
    corpus = stored(book, [old, last])
    later = vote(stance="against", created_at="2026-11-10T00:00:00Z")
    corpus = replace(corpus, annotations={**corpus.annotations, "r1": [later]})
    [line] = plan_migration(corpus, {}).lines["b001"]
    done = replace(corpus, annotations={**corpus.annotations, "b001": [old, last, line]})
    assert [item.stance for item in current(done.votes)] == ["against", "none"]


def test_a_rename_changes_no_figure_of_agreement(newer, stored, vote, small):
    answers = [
        vote(who, stance, sentence_id=f"a.00{number}")
        for who, stances in (("ann-a", "favor against none"), ("ann-b", "favor none none"))
        for number, stance in enumerate(stances.split())
    ]
    corpus = stored(small, answers)
    [before] = agreement_tables(corpus)
    book = newer(FAVOR_IS_BACKS, more=rename("stance", "favor", "backs"))
    later = replace(corpus, codebook=book)
    lines = plan_migration(later, {}).lines["b001"]
    [after] = agreement_tables(replace(later, annotations={"b001": [*answers, *lines]}))
    assert after.codebook == before.codebook == "1.0"
    assert [line.what for line in after.lines if line.value == line.value] == [
        line.what.replace("favor", "backs") for line in before.lines if line.value == line.value
    ]
    figures = [[line.value for line in one.lines] for one in (before, after)]
    assert figures[0] == pytest.approx(figures[1], nan_ok=True)


def test_a_removed_value_in_use_is_refused_with_counts(newer, stored, vote, decision):
    held = (Holder(0, 4, None, "favor", "comply"),)
    corpus = stored(
        newer(NO_AID),
        [
            vote(topics=("aid",), holders=held),
            vote("ann-b", topics=("aid", "talks")),
            vote("ann-c", topics=("talks",)),
        ],
        [decision("topics", ("aid",))],
    )
    [finding] = refusals(corpus, stored_uses(corpus)[1])
    assert (finding.place, finding.code) == (f"{corpus.path}/codebook.toml", "E341")
    assert finding.message.startswith(
        "topics 'aid' is in use, but not in codebook 2: 2 stored lines and 1 decision. Put it back,"
    )


def test_superseded_answers_are_in_nobodys_way(newer, stored, vote):
    corpus = stored(newer(NO_AID), [vote(topics=("aid",)), vote(topics=("talks",))])
    assert refusals(corpus, stored_uses(corpus)[1]) == []


def test_exactly_the_recoded_answers_wait_for_exactly_their_annotators(newer, stored, vote):
    book = newer(more=recode("stance", "favor"))
    corpus = stored(
        book,
        [
            vote("ann-b", sentence_id="a.002"),
            vote("ann-a", sentence_id="a.002"),
            vote("ann-a", "against", sentence_id="a.001"),
            vote("ann-b", sentence_id="a.001"),
            vote("ann-a", sentence_id="a.003", codebook="2"),
            vote("ann-a", sentence_id="a.004", status="draft"),
        ],
    )
    plan = plan_migration(corpus, {})
    items = review_items(corpus, plan.waiting)
    assert items == [
        BatchItem("a.001", ("ann-b",), kind="review"),
        BatchItem("a.002", ("ann-a", "ann-b"), kind="review"),
    ]
    assert described(corpus, plan, stored_uses(corpus)[0]) == [
        "stance favor, 3 answers to be given again (ann-a 1, ann-b 2): split"
    ]
    asked = replace(corpus, batches={**corpus.batches, "r1": tuple(items)})
    assert plan_migration(asked, {}).waiting == ()
    for_holders = tuple(replace(item, kind="production", asks="holders") for item in items)
    second_pass = replace(corpus, batches={**corpus.batches, "h1": for_holders})
    assert plan_migration(second_pass, {}).waiting == plan.waiting
    gold = gold_labels(current(corpus.votes), [], book)
    assert gold.labels["a.002"].stance == "favor"  # it holds until it is given again


def test_an_answer_given_again_waits_no_more(newer, stored, vote):
    corpus = stored(newer(more=recode("stance", "favor")), [vote(), vote(codebook="2")])
    assert plan_migration(corpus, {}).waiting == ()


def test_a_value_renamed_and_recoded_at_once_waits_under_its_new_name(newer, stored, vote):
    more = rename("stance", "favor", "backs") + recode("stance", "backs")
    corpus = stored(newer(FAVOR_IS_BACKS, more=more), [vote(), vote("ann-b", "against")])
    plan = plan_migration(corpus, {})
    assert [(item.annotator, why.value) for item, why in plan.waiting] == [("ann-a", "backs")]
    done = replace(corpus, annotations={"b001": [*corpus.annotations["b001"], *plan.lines["b001"]]})
    assert len(plan_migration(done, {}).waiting) == 1


def test_what_names_a_value_that_is_gone_decides_nothing_until_given_again(
    newer, stored, vote, decision
):
    book = newer(NO_AID, more=recode("topics", "aid"))
    corpus = stored(
        book,
        [
            vote(act="offer", topics=("aid",)),
            vote("ann-b", act="offer", topics=("talks",)),
            vote(act="offer", sentence_id="a.002", topics=("aid", "talks")),
        ],
        [decision("topics", ("aid",))],
    )
    assert refusals(corpus, stored_uses(corpus)[1]) == []
    assert [item.code for item in check_corpus(corpus) if item.code == "E304"] == []
    gold = gold_labels(current(corpus.votes), corpus.adjudications, book)
    found = {name: (label.stance, label.topics) for name, label in gold.labels.items()}
    assert found == {"a.001": ("favor", ("talks",)), "a.002": ("favor", None)}
    assert reliability(corpus).confusions == ()
    late = vote(act="offer", topics=("aid",), codebook="2")
    assert len(list(book.problems_of(late))) == 1


def test_a_stance_that_is_gone_is_no_vote_and_a_decision_for_it_is_made_again(
    newer, stored, vote, decision
):
    gone = ('  { name = "against", meaning = "No.", hotkey = "2", three_way = "against", '
            'asks_act = true },\n', "")  # fmt: skip
    book = newer(gone, more=recode("stance", "against"))
    corpus = stored(
        book,
        [vote(), vote("ann-b", "against", act="refuse"), vote("ann-c", "none")],
        [decision("stance", "against")],
    )
    assert [item.code for item in check_corpus(corpus) if item.code in ("E304", "E308")] == []
    gold = gold_labels(current(corpus.votes), corpus.adjudications, book)
    assert (gold.labels, [item.answers for item in gold.disputes]) == (
        {},
        [(("ann-a", "favor"), ("ann-c", "none"))],
    )
    assert [item.labels for item in reliability(corpus).confusions] == [("favor", "none")]


def test_holders_that_a_merge_makes_alike_are_named(newer, stored, vote):
    mixed = ('  { name = "none"', '  { name = "mixed", meaning = "M.", three_way = "none" },\n'
             '  { name = "none"')  # fmt: skip
    holders = (Holder(0, 1, None, "favor", "offer"), Holder(2, 3, None, "against", "refuse"))
    gone = ('  { name = "against", meaning = "No.", hotkey = "2", three_way = "against", '
            'asks_act = true },\n', "")  # fmt: skip
    book = newer(mixed, gone, more=rename("stance", "against", "favor"))
    corpus = stored(book, [vote(stance="mixed", holders=holders)])
    [finding] = contradictions(corpus, plan_migration(corpus, {}))
    assert finding.code == "W350"
    assert "(1 E311)" in finding.message


def test_cue_words_of_merged_values_are_joined(newer, tmp_path):
    (tmp_path / "cues.toml").write_text('favor = ["agree*"]\nagainst = ["no"]\npro = ["yes"]\n')
    more = rename("stance", "favor", "backs") + rename("stance", "pro", "backs")
    book = newer(FAVOR_IS_BACKS, more=more)
    assert read_cues(tmp_path, book) == {"backs": ["agree*", "yes"], "against": ["no"]}
