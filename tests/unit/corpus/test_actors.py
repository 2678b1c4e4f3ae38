"""Actors have ids, aliases and dates; a mention names one of them, or nobody."""

from datetime import date

import pytest

from corpus.actors import Actor, by_mention, read_actors, resolve
from corpus.findings import CorpusError

SOUND = """\
format = 1

[[actors]]
id = "lake-front"
name = "Lake Liberation Front"
kind = "group"
aliases = ["the Front", "LLF"]
from = 1981-03-01
until = 1994-08-31

[[actors]]
id = "lake-party"
name = "Lake Party"
kind = "party"
aliases = ["LLF"]
from = 1994-09-01

[[actors]]
id = "neighbours"
name = "Council of Neighbours"
kind = "organisation"
"""


@pytest.fixture
def read(tmp_path):
    """Read an actors.toml with this text."""

    def make(text):
        (tmp_path / "actors.toml").write_text(text)
        return read_actors(tmp_path)

    return make


def test_a_file_becomes_actors_by_id(read):
    actors = read(SOUND)
    assert list(actors) == ["lake-front", "lake-party", "neighbours"]
    assert actors["lake-front"] == Actor(
        "lake-front", "Lake Liberation Front", "group", ("the Front", "LLF"),
        date(1981, 3, 1), date(1994, 8, 31),
    )  # fmt: skip


def test_a_corpus_without_the_file_has_no_actors(tmp_path):
    assert read_actors(tmp_path) == {}


@pytest.mark.parametrize(
    ("mention", "day", "recent", "found"),
    [
        ("Lake Liberation Front", None, (), "lake-front"),
        ("the  front", None, (), "lake-front"),
        ("The Council of Neighbours", None, (), "neighbours"),
        # One alias, two actors: the day decides, the last and the first day belong to them.
        ("LLF", date(1994, 8, 31), (), "lake-front"),
        ("LLF", date(1994, 9, 1), (), "lake-party"),
        ("LLF", date(1980, 1, 1), (), None),
        ("LLF", None, (), None),
        # A generic mention is the actor named last, never a guess without one.
        ("The group", None, ("neighbours", "lake-front"), "lake-front"),
        ("the group", None, (), None),
        ("a group", None, ("lake-front",), None),
        # A name that is unknown, or not valid that day, is not generic.
        ("the harbour union", None, ("lake-front",), None),
        ("the Front", date(2001, 1, 1), ("neighbours",), None),
    ],
)
def test_a_mention_names_one_actor_or_nobody(read, mention, day, recent, found):
    assert resolve(mention, day, by_mention(read(SOUND).values()), recent) == found


def test_a_name_wins_over_its_generic_use():
    actors = [Actor("m-19", "Movement", "group"), Actor("army", "Army", "army")]
    assert resolve("the movement", None, by_mention(actors), ["army"]) == "m-19"


@pytest.mark.parametrize(
    ("old", "new", "code", "message"),
    [
        ("format = 1", "format = ", "E161", "not valid TOML"),
        ("format = 1", "format = 2", "E161", "format is 2, expected 1."),
        ("format = 1", "format = 1\nauthor = 1", "E162", "unknown key 'author'"),
        ('kind = "party"', 'kinds = "party"', "E162", "unknown key 'kinds'; known: id, name"),
        ('kind = "party"', "", "E162", "kind is missing."),
        ('kind = "party"', "kind = 3", "E162", "kind must be a str; found 3."),
        ('"the Front", "LLF"', '"the Front", 3', "E162", "aliases must be texts"),
        ('id = "neighbours"', 'id = "Neighbours!"', "E162", "must be lower-case letters"),
        ('id = "neighbours"', 'id = "lake-party"', "E163", "'lake-party' stands twice"),
        ("from = 1994-09-01", "from = 1994-08-31", "E164", "'llf' means lake-front and lake-party"),
        ("from = 1981-03-01", 'from = "1981"', "E165", "from must be a date, as 1994-08-31"),
        ("from = 1981-03-01", "from = 1981-03-01T10:00:00", "E165", "from must be a date"),
        ("until = 1994-08-31", "until = 1980-01-01", "E165", "until 1980-01-01 lies before from"),
    ],
)
def test_a_fault_has_its_code_and_says_what_is_wrong(read, tmp_path, old, new, code, message):
    assert SOUND.count(old) == 1
    with pytest.raises(CorpusError) as refusal:
        read(SOUND.replace(old, new))
    hits = [finding for finding in refusal.value.findings if finding.code == code]
    assert len(hits) >= 1, refusal.value.findings
    assert hits[0].place.startswith(str(tmp_path / "actors.toml"))
    assert any(message in finding.message for finding in hits), hits


def test_all_faults_are_said_together(read):
    text = SOUND.replace('kind = "party"', "").replace('id = "neighbours"', 'id = "Neighbours!"')
    with pytest.raises(CorpusError) as refusal:
        read(text)
    assert [finding.code for finding in refusal.value.findings] == ["E162", "E162"]
