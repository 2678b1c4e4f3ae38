"""Parts only grow, and what belongs together never straddles them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.findings import CorpusError
from corpus.records import Article
from corpus.splits import assign_parts, groups, leaks, read_splits, write_splits


def article(name, process=""):
    # Texts without a common word 5-gram.
    return Article(name, " ".join(f"{name}{number}" for number in range(20)), process=process)


def test_process_and_near_duplicates_make_groups():
    copy = Article("d", article("c", "").text)
    articles = [article("a", "talks"), article("b", "talks"), article("c", "talks"), copy]
    assert groups([*articles, article("e")]) == {
        "a": "a", "b": "a", "c": "a", "d": "a", "e": "e",
    }  # fmt: skip


def test_reports_of_one_event_make_a_group():
    # 30 long words each, 20 of them common, in another order: J = 20 / 40, and no common 5-gram.
    words = [f"common{number}" for number in range(20)]
    wire = Article("a", " ".join([*words, *(f"first{n}" for n in range(10))]))
    rewritten = Article("b", " ".join([*(f"other{n}" for n in range(10)), *reversed(words)]))
    assert groups([wire, rewritten]) == {"a": "a", "b": "a"}


def test_articles_without_a_process_are_not_one_group():
    assert groups([article("a"), article("b")]) == {"a": "a", "b": "b"}


MANY = [article(f"x{number:02d}", process=f"p{number % 10}") for number in range(24)]


@settings(max_examples=40)  # each sketches two dozen articles
@given(st.lists(st.sampled_from(MANY), unique=True), st.lists(st.sampled_from(MANY), unique=True))
def test_groups_never_straddle_and_parts_only_grow(first, more):
    before = assign_parts(first, {})
    union = list({item.id: item for item in [*first, *more]}.values())
    after = assign_parts(union, before)
    assert after.keys() == {item.id for item in union}
    assert before.items() <= after.items()
    assert list(leaks(union, after)) == []


def test_about_one_group_in_five_is_held_out():
    # 400 groups, each in test with probability 0.2: 80 expected, deviation 8; four of them.
    articles = [article(f"x{number:03d}") for number in range(400)]
    held_out = sum(part == "test" for part in assign_parts(articles, {}).values())
    assert 80 - 32 < held_out < 80 + 32


def test_fewer_than_five_groups_are_all_for_training():
    # Four that would be held out among many.
    articles = [article(f"x{number:03d}") for number in range(400)]
    held_out = [name for name, part in assign_parts(articles, {}).items() if part == "test"]
    few = [item for item in articles if item.id in held_out[:4]]
    assert set(assign_parts(few, {}).values()) == {"train"}


def test_a_new_article_follows_its_group():
    articles = [article("a", "talks"), article("b", "talks")]
    assert assign_parts(articles, {"a": "validation"}) == {"a": "validation", "b": "validation"}


def test_a_part_of_an_article_that_is_gone_is_kept():
    assert assign_parts([article("a")], {"gone": "test"}) == {"gone": "test", "a": "train"}


def test_a_leak_is_found_also_where_train_is_only_implied():
    articles = [article("a", "talks"), article("b", "talks"), article("c")]
    (finding,) = leaks(articles, {"a": "test"})
    assert finding.code == "E411"
    assert "a in test, b in train" in finding.message
    assert list(leaks(articles, {"a": "test", "b": "test"})) == []


def test_splits_come_back_sorted(tmp_path):
    write_splits(tmp_path, {"b": "test", "a": "train"})
    assert (tmp_path / "splits.csv").read_text() == "article_id,part\na,train\nb,test\n"
    assert read_splits(tmp_path) == {"a": "train", "b": "test"}
    assert read_splits(tmp_path / "elsewhere") == {}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("article_id,part\na,exam\nb\n,,\n", ["E401", "E401", "E401"]),
        ("article_id,part\na,train\na,test\n", ["E402"]),
    ],
)
def test_damaged_lines_are_findings(tmp_path, text, codes):
    (tmp_path / "splits.csv").write_text(text)
    with pytest.raises(CorpusError) as refusal:
        read_splits(tmp_path)
    assert [finding.code for finding in refusal.value.findings] == codes


@pytest.mark.parametrize("text", ["", "a,train\n"])
def test_a_file_without_the_header_is_refused(tmp_path, text):
    (tmp_path / "splits.csv").write_text(text)
    with pytest.raises(CorpusError, match=r"splits.csv:1: expected the header article_id,part"):
        read_splits(tmp_path)
