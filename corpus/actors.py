"""Who acts in the reports: ``actors.toml``, names and aliases with the dates they are valid for."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from corpus.files import read_text
from corpus.findings import CorpusError, Finding
from corpus.records import PSEUDONYM, RecordError

FORMAT = 1
TYPES: dict[str, type] = {
    "id": str,
    "name": str,
    "kind": str,
    "aliases": list,
    "from": date,
    "until": date,
}
REQUIRED = ("id", "name", "kind")

# Mentions that name nobody: within an article they take up the actor named last.
GENERIC = frozenset(
    [
        "it",
        "they",
        "the alliance",
        "the bloc",
        "the body",
        "the coalition",
        "the faction",
        "the group",
        "the militia",
        "the movement",
        "the organisation",
        "the organization",
        "the party",
    ]
)


@dataclass(frozen=True, slots=True)
class Actor:
    """A party, mediator, state or organisation; ``kind`` is a word of the corpus's own.

    The name and the aliases are valid from ``since`` to ``until``, both days included; None is
    open. A successor under the same name is another actor.
    """

    id: str
    name: str
    kind: str
    aliases: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        if not PSEUDONYM.fullmatch(self.id):
            raise RecordError(
                f"actor id {self.id!r} must be lower-case letters, digits and single hyphens"
            )
        if not (self.name.strip() and self.kind.strip()):
            raise RecordError(f"actor {self.id} needs a name and a kind")

    @property
    def mentions(self) -> frozenset[str]:
        """The name and the aliases, as ``resolve`` compares them."""
        return frozenset(map(_plain, (self.name, *self.aliases)))

    def is_valid_on(self, day: date | None) -> bool:
        """True on the days of the actor, and when the day is unknown."""
        return day is None or (self.since or date.min) <= day <= (self.until or date.max)

    def overlaps(self, other: Actor) -> bool:
        """True when there is a day on which both are valid."""
        first = max(self.since or date.min, other.since or date.min)
        last = min(self.until or date.max, other.until or date.max)
        return first <= last


def by_mention(actors: Iterable[Actor]) -> dict[str, list[Actor]]:
    """The actors that each name or alias may mean, some of them on other days than others."""
    found: defaultdict[str, list[Actor]] = defaultdict(list)
    for actor in actors:
        for mention in actor.mentions:
            found[mention].append(actor)
    return dict(found)


def resolve(
    mention: str,
    day: date | None,
    known: Mapping[str, Sequence[Actor]],
    recent: Sequence[str] = (),
) -> str | None:
    """The id of the actor that a mention names on a day, or None when nobody or several fit.

    day: the article's event date. known: ``by_mention`` of the actors. recent: ids of the actors
    named so far in the article, the last one at the end; a generic mention ("the group") means
    that one.

    >>> known = by_mention([Actor("m", "Northern Movement", "group", ("the movement",))])
    >>> resolve("The  Northern Movement", None, known), resolve("the group", None, known, ["m"])
    ('m', 'm')
    """
    found = [actor.id for actor in known.get(_plain(mention), ()) if actor.is_valid_on(day)]
    if len(found) == 1:
        return found[0]
    is_generic = not found and " ".join(mention.lower().split()) in GENERIC
    return recent[-1] if is_generic and recent else None


def read_actors(corpus: Path) -> dict[str, Actor]:
    """The actors of a corpus folder by id; an absent file is none. CorpusError lists all faults."""
    path = corpus / "actors.toml"
    if not path.exists():
        return {}
    try:
        raw = tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise CorpusError([Finding(str(path), "E161", f"not valid TOML: {error}.")]) from None
    findings = []
    if raw.get("format") != FORMAT:
        message = f"format is {raw.get('format')!r}, expected {FORMAT}."
        findings.append(Finding(str(path), "E161", message))
    for key in sorted(raw.keys() - {"format", "actors"}):
        findings.append(Finding(str(path), "E162", f"unknown key {key!r}; known: format, actors."))
    tables = raw.get("actors", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        findings.append(Finding(str(path), "E162", "actors are written as [[actors]] tables."))
        tables = []
    actors: list[Actor] = []
    for number, table in enumerate(tables):
        place = f"{path}: actors[{number}] ({table.get('id', 'no id')})"
        faults = list(_faults(table, place))
        findings += faults
        if not faults:
            actors.append(_actor(table))
    findings += _clashes(actors, str(path))
    if findings:
        raise CorpusError(sorted(findings))
    return {actor.id: actor for actor in actors}


def _faults(table: Mapping[str, Any], place: str) -> Iterator[Finding]:
    for key in REQUIRED:
        if key not in table:
            yield Finding(place, "E162", f"{key} is missing.")
    for key, value in table.items():
        if key not in TYPES:
            yield Finding(place, "E162", f"unknown key {key!r}; known: {', '.join(TYPES)}.")
        elif type(value) is not TYPES[key]:
            code = "E165" if TYPES[key] is date else "E162"
            expected = "date, as 1994-08-31" if TYPES[key] is date else TYPES[key].__name__
            yield Finding(place, code, f"{key} must be a {expected}; found {value!r}.")
        elif type(value) is list and not all(isinstance(alias, str) for alias in value):
            yield Finding(place, "E162", f"aliases must be texts; found {value!r}.")
    since, until = table.get("from"), table.get("until")
    if type(since) is date and type(until) is date and until < since:
        yield Finding(place, "E165", f"until {until} lies before from {since}. Swap them.")
    if all(isinstance(table.get(key), str) for key in REQUIRED):
        try:
            Actor(table["id"], table["name"], table["kind"])
        except RecordError as error:
            yield Finding(place, "E162", f"{error}.")


def _actor(table: Mapping[str, Any]) -> Actor:
    return Actor(
        id=table["id"],
        name=table["name"],
        kind=table["kind"],
        aliases=tuple(table.get("aliases", ())),
        since=table.get("from"),
        until=table.get("until"),
    )


def _clashes(actors: Sequence[Actor], place: str) -> Iterator[Finding]:
    ids: set[str] = set()
    claims: defaultdict[str, list[Actor]] = defaultdict(list)
    for actor in actors:
        if actor.id in ids:
            message = f"the id {actor.id!r} stands twice. Rename or delete one of them."
            yield Finding(place, "E163", message)
        ids.add(actor.id)
        for mention in sorted(actor.mentions):
            for other in claims[mention]:
                if actor.overlaps(other) and actor.id != other.id:
                    message = (
                        f"{mention!r} means {other.id} and {actor.id} at the same time. Take it "
                        "from one of them, or give them dates (from, until) that do not overlap."
                    )
                    yield Finding(place, "E164", message)
            claims[mention].append(actor)


def _plain(mention: str) -> str:
    """Lower-case, single spaces, no article in front."""
    return " ".join(mention.casefold().split()).removeprefix("the ")
