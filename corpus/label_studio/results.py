"""What one answer says: Label Studio's list of results, and the values of the layers in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from corpus.codebook import LAYERS, Codebook
from corpus.findings import short
from corpus.label_studio.interface import NOTE, OBJECT
from corpus.records import Annotation


class FaultError(Exception):
    """One task or annotation cannot be used: its code and the sentence for the user."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def result_of(annotation: Annotation) -> list[dict[str, Any]]:
    """The answer in Label Studio's form: what ``read_export`` reads back."""
    layers = {
        "stance": () if annotation.stance is None else (annotation.stance,),
        "act": () if annotation.act is None else (annotation.act,),
        "topics": annotation.topics or (),
        "flags": annotation.flags,
    }
    result: list[dict[str, Any]] = [
        choices(layer, names) for layer, names in layers.items() if names
    ]
    if annotation.note:
        result.append(_item(NOTE, "textarea", [annotation.note]))
    return result


def choices(control: str, names: Iterable[str]) -> dict[str, Any]:
    """The chosen values of one control."""
    return _item(control, "choices", list(names))


def _item(control: str, kind: str, values: list[str]) -> dict[str, Any]:
    key = "text" if kind == "textarea" else kind
    return {"from_name": control, "to_name": OBJECT, "type": kind, "value": {key: values}}


def values_of(
    result: object, book: Codebook, version: str, *, also: Collection[str] = ()
) -> dict[str, tuple[str, ...]]:
    """Control -> its values: choices in codebook order, the note's paragraphs as they are.

    version: of the codebook that the answer was given under; it may have values that are gone
    since. also: controls of choices that are no layer.
    """
    found: defaultdict[str, list[str]] = defaultdict(list)
    for control, item in items_of(result, {NOTE, *LAYERS, *also}):
        found[control] += names_in(item, "text" if control == NOTE else "choices")
    for layer in LAYERS:
        known = book.names(layer) + book.retired(layer, version)
        for name in found.get(layer, ()):
            if name not in known:
                raise FaultError("E328", book.unknown(layer, name))
        if layer in found:
            found[layer] = sorted(set(found[layer]), key=known.index)
    return {control: tuple(names) for control, names in found.items()}


def items_of(result: object, controls: Collection[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(control, item) for each item of a result; FaultError for what is none of these controls."""
    if result is None:
        return
    if not isinstance(result, list):
        raise FaultError(
            "E329", f"the result is {short(result)}, expected a list. Export it again."
        )
    for item in result:
        control = item.get("from_name") if isinstance(item, Mapping) else None
        value = item.get("value") if isinstance(item, Mapping) else None
        if not isinstance(control, str) or not isinstance(value, Mapping):
            raise FaultError("E329", f"the result holds {short(item)}. Export the project again.")
        if control not in controls:
            raise FaultError(
                "E329",
                f"control {control!r} is not of this codebook. Was the labelling interface edited "
                "in Label Studio? `make sync` puts it back.",
            )
        yield control, item


def names_in(item: Mapping[str, Any], kind: str) -> list[str]:
    """The names that an item holds under a key of its value; one alone may stand without a list."""
    names = item["value"].get(kind)
    names = [names] if isinstance(names, str) else names
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise FaultError(
            "E329", f"{item['from_name']} holds {short(item['value'])}, expected a list of names."
        )
    return names


def is_storable(text: str) -> bool:
    """False for half a character (a lone surrogate), which UTF-8 cannot carry."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
