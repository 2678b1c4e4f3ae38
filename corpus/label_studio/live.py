"""What a live backend may answer: is the page the codebook's, and may a task show a prediction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from corpus.codebook import Codebook
from corpus.findings import Finding, listed
from corpus.folder import Corpus
from corpus.label_studio.interface import interface
from corpus.label_studio.predictions import Proposal
from corpus.records import Sentence

TODAYS = "`make sync` brings today's page; a codebook edited meanwhile needs `make backend` again."


@dataclass(frozen=True, slots=True)
class LiveModel:
    """A loaded model. ``propose``: sentences -> sentence id -> proposal, none where it abstains."""

    version: str
    propose: Callable[[Sequence[Sentence]], Mapping[str, Proposal]]


@dataclass(frozen=True, slots=True)
class Control:
    """A control of a labelling page: its tag, its object, how many values it takes, and which."""

    tag: str
    on: str
    choice: str
    values: frozenset[str]

    @property
    def kind(self) -> str:
        """In words."""
        choice = f" ({self.choice})" if self.choice else ""
        return f"<{self.tag}>{choice} on {self.on}"


def controls(page: str) -> dict[str, Control]:
    """The controls of a labelling page by name; ValueError when it is no XML."""
    try:
        root = ElementTree.fromstring(page)
    except ElementTree.ParseError as error:
        raise ValueError(f"not XML: {error}") from None
    return {
        element.get("name", ""): Control(
            element.tag,
            element.get("toName", ""),
            element.get("choice", ""),
            frozenset(value.get("value", "") for value in element.iter("Choice")),
        )
        for element in root.iter()
        if "toName" in element.attrib
    }


def page_findings(page: object, codebook: Codebook, place: str) -> list[Finding]:
    """How the controls of a project's page differ from the codebook's; looks may differ."""
    try:
        found = controls(page if isinstance(page, str) else "")
    except ValueError as error:
        return [Finding(place, "E350", f"its labelling page cannot be read: {error}. {TODAYS}")]
    wanted = controls(interface(codebook))
    return list(_differences(found, wanted, f"codebook {codebook.name} {codebook.version}", place))


def _differences(
    found: Mapping[str, Control], wanted: Mapping[str, Control], book: str, place: str
) -> Iterator[Finding]:
    if what := _compared(found.keys(), wanted.keys(), book):
        yield Finding(place, "E351", f"its labelling page {what}. {TODAYS}")
    for name in sorted(wanted.keys() & found.keys()):
        mine, theirs = wanted[name], found[name]
        if mine.kind != theirs.kind:
            message = f"{name} is {theirs.kind}, expected {mine.kind}. {TODAYS}"
            yield Finding(place, "E352", message)
        if what := _compared(theirs.values, mine.values, book):
            yield Finding(place, "E353", f"{name} {what}. {TODAYS}")


def _compared(found: Set[str], wanted: Set[str], book: str) -> str:
    """What is missing and what is foreign, in words; nothing where they are equal."""
    missing, foreign = sorted(wanted - found), sorted(found - wanted)
    what = [f"lacks {listed(missing)}"] if missing else []
    what += [f"has {listed(foreign)}, which {book} does not know"] if foreign else []
    return " and ".join(what)


Asked = frozenset[tuple[str, str, str]]


def may_show(corpus: Corpus) -> Asked:
    """(batch, annotator, sentence id) of every task that may show a prediction."""
    return frozenset(
        (batch, annotator, item.sentence_id)
        for batch, items in corpus.batches.items()
        for item in items
        if item.show_predictions
        for annotator in item.annotators
    )


def answers(tasks: Sequence[object], corpus: Corpus, shows: Asked, model: LiveModel) -> list[Any]:
    """A prediction for each task in order; an empty list where there is none to be shown.

    An empty list and not an empty prediction: Label Studio would keep that too, and the record
    would say that a prediction was shown. Blind are: tasks of another corpus, batch items that show
    none, tasks whose text is not the corpus's, and tasks that are answered or skipped, so that it
    stays true what was shown. Where the model abstains there is none either.
    """
    sentences = [_sentence(task, corpus, shows) for task in tasks]
    proposals = model.propose([sentence for sentence in sentences if sentence is not None])
    return [
        _prediction(proposals[sentence.id], model.version)
        if sentence is not None and sentence.id in proposals
        else []
        for sentence in sentences
    ]


def _prediction(proposal: Proposal, version: str) -> dict[str, Any]:
    return {"result": proposal.result(), "score": proposal.score, "model_version": version}


def _sentence(task: object, corpus: Corpus, shows: Asked) -> Sentence | None:
    """The sentence of a task that may be shown a prediction."""
    data = task.get("data") if isinstance(task, Mapping) else None
    if not isinstance(task, Mapping) or not isinstance(data, Mapping):
        return None
    if any(task.get(key) for key in ("is_labeled", "total_annotations", "cancelled_annotations")):
        return None
    name, batch, annotator = (data.get(key) for key in ("sentence_id", "batch", "annotator"))
    if not (isinstance(name, str) and isinstance(batch, str) and isinstance(annotator, str)):
        return None
    sentence = corpus.sentences.get(name)
    if sentence is None or data.get("corpus") != corpus.codebook.name:
        return None
    is_asked = (batch, annotator, name) in shows
    return sentence if is_asked and data.get("text") == sentence.text else None
