"""What annotators see: the labelling page and its instructions, both made from the codebook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from xml.sax.saxutils import quoteattr

from corpus.codebook import Codebook, Value

OBJECT = "sentence"
NOTE = "note"
RULE = "rule"
ADJUDICATED = ("stance", "act", "topics")

# One task fits a screen of 1280 x 800. Label Studio scopes no style, so rules start at our own
# class, and it breaks the selector ">". lsf-* and ant-* are classes of Label Studio 1.23, whose
# side panels list regions: we have none.
_STYLE = """
.lsf-sidepanels { padding: 0 !important; }
.lsf-sidepanels__wrapper { display: none; }
.parley { max-width: 1240px; margin: 0 auto; padding: 2px 8px; }
.parley h4 { margin: 0 !important; font-size: 13px; line-height: 18px; font-weight: 600; }
.parley .lsf-object, .parley .lsf-richtext { margin: 0; padding: 0; border: 0; }
.parley .lsf-richtext__line { width: 100%; unicode-bidi: plaintext; text-align: start; }
.parley-source { display: flex; gap: 14px; margin: 0 34px 8px; opacity: .6; }
.parley-source h4 + h4 { font-weight: 400; }
.parley-near .lsf-richtext__container { padding: 0 26px; font-size: 16px; line-height: 23px; \
opacity: .6; }
.parley-sentence { margin: 8px 0; padding: 11px 0; border-left: 4px solid #4C6EF5; \
border-radius: 4px; background: rgba(76, 110, 245, .08); }
.parley-sentence .lsf-richtext__container { padding: 0 22px; font-size: 23px; line-height: 33px; }
.parley-layer { display: grid; grid-template-columns: 190px 1fr; gap: 0 12px; margin-top: 13px; }
.parley-layer h4 { padding: 6px 0 0 34px; opacity: .8; }
.parley-layer .lsf-choices { display: grid; margin: 0; gap: 5px; }
.parley-layer .lsf-choice, .parley-layer .lsf-choice__item { margin: 0; padding: 0; width: 100%; }
.parley-layer label { display: flex; width: 100%; margin: 0; padding: 3px 10px; font-size: 14px; \
line-height: 22px; border: 1px solid rgba(128, 128, 128, .4); border-radius: 6px; }
.parley-layer label:hover { border-color: #4C6EF5; }
.parley-layer .ant-checkbox { position: absolute; opacity: 0; }
.parley-layer .ant-checkbox + span { flex: 1; padding: 0; }
.parley-layer .lsf-hint { float: right; top: 0; font-size: 11px; line-height: 22px; opacity: .7; }
.parley-layer .ant-checkbox-wrapper-checked { border-color: transparent; }
.parley-rule .lsf-choices { grid-template-columns: repeat(10, minmax(0, 1fr)); }
.parley-votes { margin-top: 10px; padding: 6px 26px; border: 1px dashed rgba(128, 128, 128, .5); \
border-radius: 6px; }
.parley-votes .lsf-richtext__container { font-size: 14px; line-height: 21px; \
white-space: pre-wrap; }
.parley-cited { margin-top: 5px; opacity: .7; }
.parley-note .lsf-text-area { grid-column: 2; margin: 0 -4px !important; }
"""
_CHOSEN = "#3B4CCA"  # a chosen value without a colour of its own


def interface(codebook: Codebook) -> str:
    """The labelling configuration (XML) of a codebook.

    The object is ``sentence`` on ``$text``; each control bears the name of its layer (``stance``,
    ``act``, ``topics``, ``flags``), and the free remark is ``note``. A layer that the codebook
    does not ask is absent. Meanings are tooltips.
    """
    return "\n".join(_lines(codebook)) + "\n"


def adjudication_interface(codebook: Codebook) -> str:
    """The page of an adjudicator: the sentence, the votes and their rules, and what to decide.

    Controls: the disputed layers by name (``stance``, ``act``, ``topics``), ``rule`` and, as
    ``note``, the reason. Only what the task names in ``$layers`` is read, so no layer is required.
    """
    return "\n".join(_adjudication_lines(codebook)) + "\n"


def _adjudication_lines(codebook: Codebook) -> Iterator[str]:
    yield from sentence_lines(codebook)
    yield '  <View className="parley-votes">'
    yield '    <Header size="5" value="$layers"/>'
    yield '    <Text name="votes" value="$votes"/>'
    yield '    <View className="parley-cited"><Text name="rules" value="$rules"/></View>'
    yield "  </View>"
    for name in ADJUDICATED:
        layer = codebook.layers.get(name)
        if layer is not None:
            yield from _layer(
                name, layer.question, choice_lines(codebook, name), single=name != "topics"
            )
    if codebook.rules:
        rules = [_choice(rule.id, f"{rule.name}: {rule.text}") for rule in codebook.rules]
        yield from _layer(RULE, "The rule that decides", rules, single=True, required=True)
    yield from _note_lines("The reason, in a short sentence; Enter keeps it")
    yield "</View>"


def sentence_lines(codebook: Codebook, shown: str = 'value="$text"') -> Iterator[str]:
    """The page's style and the sentence between its neighbours; the view is left open."""
    yield '<View className="parley">'
    yield f"  <Style>\n{_style(codebook)}\n  </Style>"
    yield '  <View className="parley-source">'
    yield '    <Header size="6" value="$outlet"/>'
    yield '    <Header size="6" value="$date"/>'
    yield "  </View>"
    yield '  <View className="parley-near"><Text name="before" value="$before"/></View>'
    yield f'  <View className="parley-sentence"><Text name="{OBJECT}" {shown}/></View>'
    yield '  <View className="parley-near"><Text name="after" value="$after"/></View>'


def _note_lines(placeholder: str) -> Iterator[str]:
    yield '  <View className="parley-layer parley-note">'
    yield (
        f'    <TextArea name="{NOTE}" toName="{OBJECT}" rows="1" maxSubmissions="1" '
        f'editable="true" placeholder="{placeholder}"/>'
    )
    yield "  </View>"


def _lines(codebook: Codebook) -> Iterator[str]:
    yield from sentence_lines(codebook)
    yield from _layer(
        "stance",
        codebook.stance.question,
        choice_lines(codebook, "stance"),
        single=True,
        required=True,
    )
    if codebook.act is not None:
        asked = ",".join(codebook.asking_act)
        when = f'visibleWhen="choice-selected" whenTagName="stance" whenChoiceValue={attr(asked)}'
        yield from _layer(
            "act",
            codebook.act.question,
            choice_lines(codebook, "act"),
            single=True,
            required=True,
            when=when,
        )
    if codebook.topics is not None:
        yield from _layer("topics", codebook.topics.question, choice_lines(codebook, "topics"))
    if codebook.flags is not None:
        yield from _layer("flags", codebook.flags.question, choice_lines(codebook, "flags"))
    yield from _note_lines("Note, citing a rule; Enter keeps it")
    yield "</View>"


def _layer(
    name: str,
    question: str,
    choices: Iterable[str],
    *,
    single: bool = False,
    required: bool = False,
    when: str = "",
) -> Iterator[str]:
    kind = 'choice="single"' if single else 'choice="multiple"'
    if required:
        kind += f' required="true" requiredMessage={attr(f"Choose a value: {question}")}'
    yield f'  <View className="parley-layer parley-{name}"{" " + when if when else ""}>'
    yield f'    <Header size="5" value={attr(question)}/>'
    yield f'    <Choices name="{name}" toName="{OBJECT}" {kind} showInline="true">'
    yield from choices
    yield "    </Choices>"
    yield "  </View>"


def choice_lines(codebook: Codebook, layer: str) -> list[str]:
    """A choice for each value, with its key; the meaning is its tooltip.

    Then those that are gone: hidden, but valid where answers still have them.
    """
    values = codebook.layers[layer].values
    shown = [_choice(value.name, value.meaning, value.hotkey) for value in values]
    return shown + [_choice(name, "No longer a value") for name in codebook.retired(layer)]


def _choice(value: str, hint: str, hotkey: str = "") -> str:
    key = f" hotkey={attr(hotkey)}" if hotkey else ""
    return f"      <Choice value={attr(value)}{key} hint={attr(hint)}/>"


def _style(codebook: Codebook) -> str:
    """The page's style sheet, with the chosen value in its colour; escaped for XML."""
    rules = [_STYLE.strip(), *_chosen(".parley-layer", _CHOSEN)]
    for name, layer in codebook.layers.items():
        columns = f"repeat({_columns(layer.values)}, minmax(0, 1fr))"
        rules.append(f".parley-{name} .lsf-choices {{ grid-template-columns: {columns}; }}")
        if codebook.retired(name):
            gone = f".parley-{name} .lsf-choice:nth-child(n+{len(layer.values) + 1})"
            rules.append(f"{gone} {{ display: none; }}")
        for number, value in enumerate(layer.values, start=1):
            if "colour" in value.model_fields_set:
                choice = f".parley-{name} .lsf-choice:nth-child({number})"
                rules += _chosen(choice, value.colour)
    return escape("\n".join(rules), quote=False)


def _chosen(where: str, paper: str) -> tuple[str, str]:
    """The rules for the background and the letters of chosen values."""
    chosen = f"{where} .ant-checkbox-wrapper-checked"
    ink = _ink(paper)
    return (
        f"{chosen} {{ background: {paper}; }}",
        f"{chosen} span, {chosen} sup {{ color: {ink}; }}",
    )


def _ink(paper: str) -> str:
    """Black or white, whichever is easier to read on a colour.

    >>> _ink("#56B4E9"), _ink("#0072B2")
    ('#000000', '#FFFFFF')
    """
    red, green, blue = (int(paper[at : at + 2], 16) for at in (1, 3, 5))
    return "#000000" if 299 * red + 587 * green + 114 * blue > 140_000 else "#FFFFFF"


def _columns(values: Sequence[Value]) -> int:
    """Four columns, five where that saves a row (nine acts, five stances)."""
    return 5 if len(values) > 4 and -(-len(values) // 5) < -(-len(values) // 4) else 4


def attr(text: str) -> str:
    """A quoted XML attribute; line breaks and runs of blanks become one blank."""
    return quoteattr(" ".join(text.split()))


def instructions(codebook: Codebook) -> str:
    """The project's instructions (HTML): introduction, each layer's values with keys, the rules."""
    parts = [
        f"<h2>{escape(codebook.title)}</h2>",
        f"<p><b>Target:</b> {escape(codebook.target)}.</p><br>",
        *(f"<p>{escape(part)}</p><br>" for part in codebook.introduction.strip().split("\n\n")),
        "<p><kbd>Ctrl</kbd>+<kbd>Enter</kbd> submits, <kbd>Ctrl</kbd>+<kbd>Space</kbd> skips, "
        "<kbd>Enter</kbd> ends a note, <kbd>Escape</kbd> closes a window such as this one. "
        "The same key again takes a label back.</p>",
    ]
    for layer in codebook.layers.values():
        parts += ["<br>", f"<h3>{escape(layer.question)}</h3>", *value_table(layer.values)]
    if codebook.act is not None:
        asked = ", ".join(f"<b>{escape(name)}</b>" for name in codebook.asking_act)
        parts.append(f"<p>The act is asked when the stance is {asked}.</p>")
    if codebook.rules:
        parts += ["<br>", "<h3>Rules</h3>", "<ul>"]
        parts += [
            f"<li><b>{escape(rule.id)} {escape(rule.name)}.</b> {escape(rule.text)}</li>"
            for rule in codebook.rules
        ]
        parts.append("</ul>")
    return "\n".join(parts) + "\n"


def value_table(values: Iterable[Value]) -> Iterator[str]:
    """The values with keys and meanings, in HTML."""
    gap = "&nbsp;&nbsp;"  # Label Studio takes every style attribute out
    yield "<table><tbody>"
    for value in values:
        key, name, meaning = (escape(part) for part in (value.hotkey, value.name, value.meaning))
        cells = (f"<kbd>{key}</kbd>{gap}", f"<b>{name}</b>{gap}", meaning)
        yield "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
    yield "</tbody></table>"
