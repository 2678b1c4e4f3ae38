"""An evaluation as one HTML page that needs nothing else: no script, no font, no network.

Every figure stands in an element that names its place in `report.json`, as a JSON Pointer
(RFC 6901), so that a program can check the page against the data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from model import plots
from model.report import NAMES, Evaluation, counted
from model.scores import FEW_EXAMPLES, Score
from model.slices import SHOWN

TEMPLATE = "page.html"
BASELINES = ("majority", "keywords")
FORMS = {"2": ".2f", "3": ".3f", "+3": "+.3f", "%": ".1%", "n": ","}


def page(report: Mapping[str, Any]) -> str:
    """The page of what `report.json` holds: an evaluation as plain data, and what stands beside it.

    Beside the evaluation's own keys the report has "date", "dataset", "model", "parts" and
    "labelled_by", and may have "cross_validation" (an evaluation on the training part), "audit" (an
    actor audit) and "curve" (forecasts of a learning curve, by score), or None for them. The page
    says that the parts share nothing: whoever makes it has looked.
    Raises KeyError or TypeError where it is no such report.
    """
    evaluation = Evaluation.from_dict(report)
    trained = report["cross_validation"] and Evaluation.from_dict(report["cross_validation"])
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(TEMPLATE).render(
        report=report,
        figures=Figures(report),
        evaluation=evaluation,
        trained=trained,
        audit=report["audit"],
        curve=report["curve"],
        plots=plots,
        names=NAMES,
        shown=SHOWN,
        baselines=BASELINES,
        few=FEW_EXAMPLES,
        counted=counted,
        pointer=pointer,
        chance=chance_words(evaluation.scores["three_way_macro_f1"]),
    )


def pointer(*keys: str | int) -> str:
    """A JSON Pointer to a place in the report.

    >>> pointer("slices", "outlet", "A/B")
    '/slices/outlet/A~1B'
    """
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in keys)


def at(report: object, place: str) -> Any:  # noqa: ANN401 (whatever JSON holds there)
    """What a JSON Pointer points at.

    >>> at({"scores": [{"a/b": 0.5}]}, "/scores/0/a~1b")
    0.5
    """
    for key in place.split("/")[1:]:
        name = key.replace("~1", "/").replace("~0", "~")
        found: Any = report
        report = found[int(name)] if isinstance(found, list | tuple) else found[name]
    return report


def shown_as(value: float | None, form: str) -> str:
    """A figure as the page prints it; None is "undefined".

    >>> shown_as(0.12345, "3"), shown_as(-0.02, "+3"), shown_as(0.5, "%"), shown_as(1200, "n")
    ('0.123', '-0.020', '50.0%', '1,200')
    """
    if value is None:
        return "undefined"
    return format(
        value, {"3": ".3f", "+3": "+.3f", "%": ".1%", "n": ",", "2": ".2f", "s": ""}[form]
    )


def chance_words(score: Score) -> str:
    """Where the baselines of a defined score lie: below its interval, or not."""
    if score.low is None:
        return "It has no interval, so nobody can say how far that is from chance."
    reached = [name for name, value in score.baselines.items() if (value or 0) >= score.low]
    if reached:
        return f"Its interval reaches {' and '.join(reached)}: it need not be better."
    return f"{'Both lie' if len(score.baselines) == 2 else 'That lies'} below its interval."


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of a report as marked-up text."""

    report: Mapping[str, Any]

    def one(self, place: str, form: str = "3") -> Markup:
        """The figure at a place, in one of the forms of `shown_as`."""
        words = shown_as(at(self.report, place), form)
        return Markup('<span data-figure="{}" data-form="{}">{}</span>').format(place, form, words)

    def score(self, place: str, form: str = "3", *, is_short: bool = False) -> Markup:
        """The score at a place with its interval, or with the reason why there is none.

        is_short: the reason in a word, and in full when pointed at.
        """
        found = at(self.report, place)
        note = found["note"].partition(":")[0] if is_short else found["note"]
        why = Markup('<span class="why" title="{}">{}</span>').format(found["note"], note)
        if found["value"] is None:
            return why
        value = self.one(f"{place}/value", form)
        if found["low"] is None:
            return value + " " + why
        low, high = (self.one(f"{place}/{end}", form) for end in ("low", "high"))
        return value + Markup(' <span class="interval">[{}, {}]</span>').format(low, high)

    def strip(self, place: str) -> Markup:
        """The score at a place as a dot between 0 and 1."""
        return plots.strip(Score(**at(self.report, place)))
