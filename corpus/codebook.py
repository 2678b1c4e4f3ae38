"""What may be said about a sentence: reads and validates a corpus folder's ``codebook.toml``.

The only module that knows label names. A person edits that file and nothing else to ask another
question; the labelling interface, the dataset's features, the three-way view and the label tables
all come from it.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from corpus.files import read_text
from corpus.findings import CorpusError, Finding, short
from corpus.records import Annotation
from corpus.versions import change_faults, final_names, version_order

LAYERS = ("stance", "act", "topics", "flags")
ThreeWay = Literal["favor", "against", "none"]

# Keys that Label Studio 1.23 binds whatever the project is (its keymap; alone or with modifiers).
RESERVED_HOTKEYS = frozenset(
    [
        "u",
        "enter",
        "escape",
        "esc",
        "space",
        "tab",
        "backspace",
        "delete",
        "left",
        "right",
        "up",
        "down",
        "alt+.",
        "alt+h",
        "alt+l",
        "alt+m",
        "alt+r",
        "shift+.",
        "shift+left",
        "shift+right",
        "shift+up",
        "shift+down",
    ]
)
HOTKEY = re.compile(r"(shift\+)?[a-z0-9]")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Value(_Part):
    """A label: its name in every file, what it means, its key and colour in the interface."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    meaning: str = Field(min_length=1)
    hotkey: str = ""
    colour: str = Field(default="#667085", pattern=r"^#[0-9a-fA-F]{6}$")


class StanceValue(Value):
    """``neutral`` marks the one value that stands for "none of these"."""

    three_way: ThreeWay
    neutral: bool = False
    asks_act: bool = False


class ActValue(Value):
    """``plover``: the category of the PLOVER event ontology that this act falls under."""

    plover: str = ""


class TopicValue(Value):
    """``settlement``: the topic is about the settlement itself (coverage is counted on these)."""

    settlement: bool = False


class FlagValue(Value):
    """``uncertain``: the flag says that the annotator wavered, so the label is not certain."""

    uncertain: bool = False


class StanceLayer(_Part):
    """One value a sentence, always asked."""

    question: str = Field(min_length=1)
    values: list[StanceValue] = Field(min_length=2)


class ActLayer(_Part):
    """One value a sentence, asked when the stance value says ``asks_act``."""

    question: str = Field(min_length=1)
    values: list[ActValue] = Field(min_length=2)


class TopicLayer(_Part):
    """Any number of values; none of them is an answer too."""

    question: str = Field(min_length=1)
    values: list[TopicValue] = Field(min_length=1)


class FlagLayer(_Part):
    """Any number of remarks about the labelling itself."""

    question: str = Field(min_length=1)
    values: list[FlagValue] = Field(min_length=1)


class Rule(_Part):
    """A numbered rule, so that a note or an adjudication can cite it."""

    id: str = Field(pattern=r"^R[1-9][0-9]*$")
    name: str = Field(min_length=1)
    text: str = Field(min_length=1)


class Rename(_Part):
    """``old`` was the name of ``new`` before ``version``; two with one ``new`` are a merge."""

    layer: Literal["stance", "act", "topics", "flags"]
    old: str
    new: str
    version: str


class Recode(_Part):
    """Answers with this value, given before ``version``, need a person again: it was split, its
    meaning changed, or it is gone.
    """

    layer: Literal["stance", "act", "topics", "flags"]
    value: str
    version: str = Field(pattern=r"^[0-9]+(\.[0-9]+)*$")
    reason: str = Field(min_length=1)


class Codebook(_Part):
    """A validated codebook; ``read_codebook`` is the way to get one."""

    format: Literal[1]
    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    title: str = Field(min_length=1)
    version: str = Field(pattern=r"^[0-9]+(\.[0-9]+)*$")
    language: str = Field(pattern=r"^[a-z]{2,3}$")
    target: str = Field(min_length=1)
    introduction: str = Field(min_length=1)
    stance: StanceLayer
    act: ActLayer | None = None
    topics: TopicLayer | None = None
    flags: FlagLayer | None = None
    rules: list[Rule] = []
    renames: list[Rename] = []
    recode: list[Recode] = []

    @property
    def layers(self) -> dict[str, StanceLayer | ActLayer | TopicLayer | FlagLayer]:
        """The layers this codebook asks, by name, in the order they are asked."""
        every = {name: getattr(self, name) for name in LAYERS}
        return {name: layer for name, layer in every.items() if layer is not None}

    def names(self, layer: str) -> tuple[str, ...]:
        """The value names of a layer in codebook order; a layer that is not asked has none."""
        found = self.layers.get(layer)
        return () if found is None else tuple(value.name for value in found.values)

    @cached_property
    def new_names(self) -> dict[tuple[str, str], str]:
        """(layer, former name) -> today's name, through every rename since."""
        return final_names((item.layer, item.old, item.new) for item in self.renames)

    def recoded(self, layer: str, value: str, given_under: str) -> Recode | None:
        """Why an answer with this value, given under a version, needs a person again, or None."""
        for item in self.recode:
            is_older = version_order(given_under) < version_order(item.version)
            if (item.layer, item.value) == (layer, value) and is_older:
                return item
        return None

    def retired(self, layer: str, given_under: str = "") -> tuple[str, ...]:
        """The values that are gone, while answers of before (by default: of any time) have them."""
        gone = [item.value for item in self.recode if item.layer == layer]
        return tuple(
            name
            for name in dict.fromkeys(gone)
            if name not in self.names(layer) and self.recoded(layer, name, given_under)
        )

    @property
    def neutral(self) -> str:
        """The stance value that stands for "no stance"."""
        return next(value.name for value in self.stance.values if value.neutral)

    @property
    def asking_act(self) -> tuple[str, ...]:
        """The stance values after which the act is asked."""
        return tuple(value.name for value in self.stance.values if value.asks_act)

    @property
    def uncertain_flags(self) -> frozenset[str]:
        """The flags that say that the annotator wavered."""
        values = self.flags.values if self.flags else []
        return frozenset(value.name for value in values if value.uncertain)

    @property
    def three_way(self) -> dict[str, ThreeWay]:
        """Stance value -> its place in the three-way view."""
        return {value.name: value.three_way for value in self.stance.values}

    @property
    def rule_lines(self) -> dict[str, str]:
        """Rule id -> the rule in one line, as it stands beside a decision."""
        return {rule.id: f"{rule.id} {rule.name}: {rule.text}" for rule in self.rules}

    def cited(self, notes: Iterable[str]) -> list[str]:
        """The ids of the rules that notes cite, each once, in order of first mention."""
        known = {rule.id for rule in self.rules}
        found = (name for note in notes for name in re.findall(r"\bR[0-9]+\b", note))
        return list(dict.fromkeys(name for name in found if name in known))

    def problems_of(self, annotation: Annotation) -> Iterator[str]:
        """What this codebook does not allow in an annotation, in words."""
        given = {
            "stance": () if annotation.stance is None else (annotation.stance,),
            "act": () if annotation.act is None else (annotation.act,),
            "topics": annotation.topics or (),
            "flags": annotation.flags,
        }
        version = "" if annotation.status == "draft" else annotation.codebook
        for layer, values in given.items():
            for value in values:
                if value not in self.names(layer) + self.retired(layer, version):
                    yield self.unknown(layer, value)
        asking = (None, *self.asking_act, *self.retired("stance", version))
        if annotation.act is not None and annotation.stance not in asking:
            yield (
                f"act {annotation.act!r} was given, but the act is asked only when the stance is "
                f"{_or(self.asking_act)}; the stance is {annotation.stance}. Correct one of them."
            )

    def unknown(self, layer: str, value: str) -> str:
        """The sentence that says a value is not in this codebook, and what to do."""
        known = ", ".join(self.names(layer)) or "the layer is not asked"
        advice = "Correct the label, or add the value to codebook.toml."
        for rename in self.renames:
            if rename.layer == layer and rename.old == value:
                new = self.new_names[layer, value]
                advice = f"It was renamed to {new!r} in version {rename.version}: `make migrate`."
        return f"{layer} {value!r} is not in codebook {self.version} ({known}). {advice}"


def codebook_page(codebook: Codebook) -> str:
    """The codebook as a Markdown page, for the docs."""
    parts = [
        f"# Codebook {codebook.name} {codebook.version}: {codebook.title}",
        "Made by `scripts/describe_codebook.py`; edit `codebook.toml` instead.",
        f"**Target:** {codebook.target}.",
        codebook.introduction.strip(),
    ]
    for name, layer in codebook.layers.items():
        parts += [f"## {name.capitalize()}", f"{layer.question}.", _label_table(layer.values)]
    if codebook.rules:
        rules = [f"- **{rule.id} {rule.name}.** {rule.text}" for rule in codebook.rules]
        parts += ["## Rules", "\n".join(rules)]
    return "\n\n".join(parts) + "\n"


def _label_table(values: Iterable[Value]) -> str:
    lines = ["| value | key | meaning | note |", "|---|---|---|---|"]
    for value in values:
        lines.append(
            f"| `{value.name}` | {value.hotkey} | {value.meaning} | {', '.join(_notes(value))} |"
        )
    return "\n".join(lines)


def _notes(value: Value) -> Iterator[str]:
    if isinstance(value, StanceValue):
        yield f"three-way: {value.three_way}"
        if value.neutral:
            yield "neutral"
    if isinstance(value, ActValue) and value.plover:
        yield f"PLOVER {value.plover}"
    if isinstance(value, TopicValue) and value.settlement:
        yield "about the settlement"


def read_codebook(corpus: Path) -> Codebook:
    """The validated codebook of a corpus folder; CorpusError lists all its faults at once."""
    path = corpus / "codebook.toml"
    if not path.exists():
        raise CorpusError(
            f"{path}: not found. A corpus folder starts with `make new-corpus CORPUS={corpus}`."
        )
    return parse_codebook(read_text(path), str(path))


def parse_codebook(text: str, place: str) -> Codebook:
    """A codebook from TOML text; ``place`` stands before each fault."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CorpusError([Finding(place, "E101", f"not valid TOML: {error}.")]) from None
    findings = [Finding(f"{place}: {where}", code, what) for where, code, what in _faults(raw)]
    try:
        codebook = Codebook.model_validate(raw)
    except ValidationError as error:
        findings += [
            Finding(
                f"{place}: {_where(raw, fault['loc'])}",
                "E102",
                f"{fault['msg']}; found {short(fault['input'])}.",
            )
            for fault in error.errors()
        ]
        codebook = None
    if findings or codebook is None:
        raise CorpusError(sorted(findings))
    return codebook


def _faults(raw: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(place, code, message) for what types alone cannot say; tolerates any broken shape."""
    values = {layer: list(_values(raw, layer)) for layer in LAYERS}
    yield from _repeated_names(values)
    yield from _clashing_hotkeys(values)
    yield from _stance_faults(raw, values["stance"])
    yield from _change_faults(raw, values)
    yield from _repeated_rules(raw)


def _repeated_names(
    values: Mapping[str, list[tuple[str, dict[str, Any]]]],
) -> Iterator[tuple[str, str, str]]:
    for layer, found in values.items():
        first: dict[str, str] = {}
        for where, value in found:
            name = value.get("name")
            if isinstance(name, str) and first.setdefault(name, where) != where:
                message = f"the name {name!r} is already used at {first[name]}; {layer} values "
                yield where, "E111", message + "need different names."


def _clashing_hotkeys(
    values: Mapping[str, list[tuple[str, dict[str, Any]]]],
) -> Iterator[tuple[str, str, str]]:
    by_key: defaultdict[str, list[str]] = defaultdict(list)
    for where, value in (item for found in values.values() for item in found):
        key = value.get("hotkey", "")
        if not isinstance(key, str) or not key:
            continue
        if key.lower() in RESERVED_HOTKEYS or key.lower().startswith(("ctrl", "alt", "command")):
            yield where, "E113", f"hotkey {key!r} is reserved by Label Studio or the browser."
        elif not HOTKEY.fullmatch(key):
            yield where, "E114", f"hotkey {key!r} is not a letter, a digit, or shift+ one of them."
        elif by_key[key]:
            yield where, "E112", f"hotkey {key!r} is already used at {by_key[key][0]}."
        by_key[key].append(where)


def _stance_faults(
    raw: Mapping[str, Any], values: list[tuple[str, dict[str, Any]]]
) -> Iterator[tuple[str, str, str]]:
    neutral = [where for where, value in values if value.get("neutral") is True]
    if values and len(neutral) != 1:
        found = ", ".join(neutral) or "none"
        yield "stance.values", "E115", f"exactly one value is neutral = true; found {found}."
    for where, value in values:
        if value.get("neutral") is True and value.get("three_way") not in (None, "none"):
            yield where, "E116", 'a neutral value belongs to three_way = "none".'
    asking = [where for where, value in values if value.get("asks_act") is True]
    if asking and "act" not in raw:
        yield asking[0], "E117", "asks_act = true, but the codebook has no [act] layer."
    if "act" in raw and not asking:
        yield "act", "E118", "no stance value has asks_act = true, so the act is never asked."


def _change_faults(
    raw: Mapping[str, Any], values: Mapping[str, list[tuple[str, dict[str, Any]]]]
) -> Iterator[tuple[str, str, str]]:
    names = {layer: [value.get("name") for _, value in found] for layer, found in values.items()}
    renames, recode = (list(_tables(raw.get(key))) for key in ("renames", "recode"))
    yield from change_faults(renames, recode, names, str(raw.get("version")))


def _repeated_rules(raw: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    seen: dict[str, int] = {}
    for number, rule in enumerate(_tables(raw.get("rules"))):
        if seen.setdefault(str(rule.get("id")), number) != number:
            first = seen[str(rule.get("id"))]
            yield f"rules[{number}]", "E121", f"{rule.get('id')} is already rules[{first}]."


def _values(raw: Mapping[str, Any], layer: str) -> Iterator[tuple[str, dict[str, Any]]]:
    table = raw.get(layer)
    found = table.get("values") if isinstance(table, dict) else None
    for number, value in enumerate(_tables(found)):
        name = value.get("name")
        named = f" ({name})" if isinstance(name, str) else ""
        yield f"{layer}.values[{number}]{named}", value


def _tables(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _where(raw: object, location: tuple[int | str, ...]) -> str:
    """``stance.values[2] (against).hotkey``: the path a person finds in the file."""
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
            raw = raw[part] if isinstance(raw, list) and part < len(raw) else None
            if isinstance(raw, dict) and isinstance(raw.get("name"), str):
                path += f" ({raw['name']})"
        else:
            path += f".{part}" if path else part
            raw = raw.get(part) if isinstance(raw, dict) else None
    return path or "the file"


def _or(names: tuple[str, ...]) -> str:
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
