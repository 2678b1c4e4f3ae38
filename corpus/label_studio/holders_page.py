"""What annotators see in the second pass: the page to mark holders on, and its instructions.

A holder is a region: press the key of a stance, select the words. One whom the sentence does not
name is marked in the line below the sentence, which stands in the same text: so all holders have
their act and actor alike, and as many as there are can be marked.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from corpus.codebook import Codebook
from corpus.holders import positions
from corpus.label_studio.interface import (
    OBJECT,
    attr,
    choice_lines,
    sentence_lines,
    value_table,
)
from corpus.records import Annotation

HOLDER = "holder"
HOLDER_ACT = "holder_act"
HOLDER_ACTOR = "holder_actor"

# The line on which implicit holders are marked. Answers on the server refer to it: never change it.
NOT_NAMED = "( a holder whom the sentence does not name )"

_STYLE = """
.parley-sentence .lsf-richtext__line:last-child { font-size: 15px; opacity: .65; }
.parley-sentence .htx-highlight::after { unicode-bidi: isolate; direction: ltr; }
.parley-coded { margin: 12px 34px 0; }
.parley-holder .lsf-labels { display: grid; grid-template-columns: repeat(5, minmax(0, 1fr)); \
gap: 5px; margin: 0; padding: 0; }
.parley-holder .lsf-label { margin: 0; width: 100%; justify-content: space-between; }
"""


def holders_interface(codebook: Codebook, *, has_actors: bool) -> str:
    """The labelling configuration (XML) of a second-pass batch.

    Regions of ``holder`` on ``sentence`` bear a stance; of each region, ``holder_act`` says the act
    and ``holder_actor`` the actor, where the codebook has acts and the corpus actors.
    """
    return "\n".join(_lines(codebook, has_actors)) + "\n"


def shown(text: str) -> str:
    """What the page shows to be marked: the sentence, and a line for those it does not name."""
    return f"{text}\n{NOT_NAMED}"


def coded(labels: Annotation | None) -> str:
    """The line that tells annotators what they coded in the first pass."""
    if labels is None or labels.status != "done":
        return "You have no answer to this sentence any more. Skip it."
    return "You coded: " + ", ".join(filter(None, (labels.stance, labels.act)))


def _lines(codebook: Codebook, has_actors: bool) -> Iterator[str]:
    stances = positions(codebook)
    yield from sentence_lines(codebook, 'value="$shown" showLabels="true"')
    gone = f".parley-holder .lsf-label:nth-child(n+{len(stances) + 1}) {{ display: none; }}"
    yield f"  <Style>\n{escape(_STYLE.strip(), quote=False)}\n{gone}\n  </Style>"
    yield '  <View className="parley-coded"><Header size="5" value="$coded"/></View>'
    yield '  <View className="parley-layer parley-holder">'
    yield '    <Header size="5" value="Whose stance? A key, then select their words"/>'
    yield f'    <Labels name="{HOLDER}" toName="{OBJECT}">'
    for value in stances:
        key = f" hotkey={attr(value.hotkey)}" if value.hotkey else ""
        yield (
            f"      <Label value={attr(value.name)}{key} background={attr(value.colour)} "
            f"hint={attr(value.meaning)}/>"
        )
    for name in codebook.retired("stance"):
        yield f"      <Label value={attr(name)}/>"
    yield "    </Labels>"
    yield "  </View>"
    asking = [value.name for value in stances if value.asks_act]
    if codebook.act is not None and asking:
        when = "" if len(asking) == len(stances) else f" whenLabelValue={attr(','.join(asking))}"
        yield f'  <View className="parley-layer parley-act" visibleWhen="region-selected"{when}>'
        yield f'    <Header size="5" value={attr(codebook.act.question)}/>'
        yield (
            f'    <Choices name="{HOLDER_ACT}" toName="{OBJECT}" perRegion="true" choice="single" '
            f'required="true" requiredMessage={attr(f"Choose a value: {codebook.act.question}")} '
            f'showInline="true"{when}>'
        )
        yield from choice_lines(codebook, "act")
        yield "    </Choices>"
        yield "  </View>"
    if has_actors:
        yield '  <View className="parley-layer parley-note" visibleWhen="region-selected">'
        yield (
            f'    <TextArea name="{HOLDER_ACTOR}" toName="{OBJECT}" perRegion="true" rows="1" '
            'maxSubmissions="1" editable="true" '
            'placeholder="Who is it? A name or id from actors.toml, if you know; Enter keeps it"/>'
        )
        yield "  </View>"
    yield "</View>"


def holders_instructions(codebook: Codebook) -> str:
    """The second pass's instructions (HTML): how to mark, the stances and acts with their keys."""
    steps = [
        "Mark whose stance you coded: press the key of a stance, then select the holder's words "
        "in the large sentence. Words may belong to several holders.",
        f"A holder whom the sentence does not name: select any part of the line {NOT_NAMED} "
        "instead, once for each of them.",
        "Click on marked words (or <kbd>Alt</kbd>+<kbd>.</kbd>, one after the other) to choose "
        "their act and actor, to give another stance by its key, or to take the mark away with "
        "<kbd>Backspace</kbd>.",
        "Holders who differ make a sentence mixed; all others have the stance that you coded. "
        "Were you wrong there? Correct it in the first pass, then submit here.",
        "<kbd>Ctrl</kbd>+<kbd>Enter</kbd> submits, <kbd>Ctrl</kbd>+<kbd>Space</kbd> skips, "
        "<kbd>Ctrl</kbd>+<kbd>Z</kbd> undoes, <kbd>Escape</kbd> closes a window such as this one.",
    ]
    parts = [
        f"<h2>{escape(codebook.title)}: holders</h2>",
        f"<p><b>Target:</b> {escape(codebook.target)}.</p><br>",
        *(f"<p>{step}</p><br>" for step in steps),
        f"<h3>{escape(codebook.stance.question)}</h3>",
        *value_table(positions(codebook)),
    ]
    if codebook.act is not None:
        parts += [
            f"<br><h3>{escape(codebook.act.question)}</h3>",
            *value_table(codebook.act.values),
        ]
    return "\n".join(parts) + "\n"
