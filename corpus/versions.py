"""How a codebook changed from version to version: which name follows which."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any


def version_order(version: str) -> tuple[list[int], str]:
    """A key to sort versions by. Numbers compare as numbers.

    >>> sorted(["1.10", "1.9", "0.95"], key=version_order)
    ['0.95', '1.9', '1.10']
    """
    return [int(number) for number in re.findall(r"[0-9]+", version)], version


def final_names(renames: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str], str]:
    """(layer, old name) -> the name at the end of the chain of (layer, old, new).

    A chain that runs in a circle has no end and is left out.

    >>> final_names([("act", "a", "b"), ("act", "b", "c"), ("act", "x", "y"), ("act", "y", "x")])
    {('act', 'a'): 'c', ('act', 'b'): 'c'}
    """
    following = {(layer, old): new for layer, old, new in renames}
    ends = {}
    for layer, old in following:
        name, seen = old, set()
        while (layer, name) in following and name not in seen:
            seen.add(name)
            name = following[layer, name]
        if name not in seen:
            ends[layer, old] = name
    return ends


def change_faults(
    renames: Sequence[Mapping[str, Any]],
    recode: Sequence[Mapping[str, Any]],
    names: Mapping[str, Sequence[object]],
    version: str,
) -> Iterator[tuple[str, str, str]]:
    """(place, code, message) of the tables ``[[renames]]`` and ``[[recode]]`` as they were read.

    names: layer -> its value names; version: the codebook's.
    """
    keys = [tuple(str(item.get(key)) for key in ("layer", "old", "new")) for item in renames]
    ends = final_names((layer, old, new) for layer, old, new in keys)
    times = Counter((layer, old) for layer, old, _ in keys)
    for place, (layer, old, new) in enumerate(keys):
        where = f"renames[{place}]"
        if ends.get((layer, old)) not in names.get(layer, ()):
            yield where, "E119", f"renames {old!r} to {new!r}, which {layer} does not have."
        if old in names.get(layer, ()):
            yield where, "E120", f"{layer} value {old!r} was renamed and cannot still exist."
        if times[layer, old] > 1:
            message = f"{layer} value {old!r} is renamed twice. A value that was split is no rename"
            yield where, "E340", f"{message}: name it in [[recode]]."
    for number, item in enumerate(recode):
        where, layer, value = f"recode[{number}]", str(item.get("layer")), str(item.get("value"))
        if (layer, value) in times:
            today = ends.get((layer, value))
            message = f"{layer} value {value!r} was renamed to {today!r}. Name that one here."
            yield where, "E340", message
        if not names.get(layer):
            message = f"{layer} is not asked, but its answers wait. Keep the layer until then."
            yield where, "E340", message
        if version_order(str(item.get("version"))) > version_order(version):
            message = (
                f"is of version {item.get('version')!r}, but the codebook is {version!r}, so new "
                "answers would need a person again at once. Raise `version`."
            )
            yield where, "E340", message
