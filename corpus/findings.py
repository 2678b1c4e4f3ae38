"""What is wrong with the data, where, and what to do next: findings are data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One problem: a stable code (``E201``, ``W301``), a place and a sentence for the user."""

    place: str
    code: str
    message: str

    @property
    def severity(self) -> Severity:
        """An ``E`` stops the work, a ``W`` is said aloud."""
        return "error" if self.code.startswith("E") else "warning"

    def __str__(self) -> str:
        return f"{self.place}: {self.code} {self.message}"


class CorpusError(Exception):
    """The input cannot be used; carries every finding, so that one run shows all of them."""

    def __init__(self, findings: Iterable[Finding] | str) -> None:
        if isinstance(findings, str):
            self.findings: tuple[Finding, ...] = ()
            super().__init__(findings)
        else:
            self.findings = tuple(findings)
            super().__init__("\n".join(str(finding) for finding in self.findings))


def raise_errors(findings: Iterable[Finding]) -> None:
    """Raise all errors among the findings together; warnings alone raise nothing.

    >>> raise_errors([Finding("a.toml", "W301", "no outlet")])
    """
    errors = sorted(finding for finding in findings if finding.severity == "error")
    if errors:
        raise CorpusError(errors)


def in_words(error: Exception) -> str:
    """What a broken record lacks; the bare text of a KeyError is only the key in quotes.

    >>> in_words(KeyError("digest")), in_words(TypeError("note must be text"))
    ('digest is missing', 'note must be text')
    """
    return f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)


def short(value: object) -> str:
    """A value as it may stand in a message."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def listed(names: Sequence[str], most: int = 5) -> str:
    """Names as they may stand in a message.

    >>> listed(["a", "b"]), listed(["a", "b", "c"], most=2)
    ('a, b', 'a, b and 1 more')
    """
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
