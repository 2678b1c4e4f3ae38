"""The drawings of the evaluation page: inline SVG that needs no script and no font.

Colours come from the page's style sheet by class, so that they follow light, dark and print.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from model.abstention import Abstention
from model.calibration import Calibration
from model.report import score_words
from model.scores import FEW_EXAMPLES, Score

Point = tuple[float, float]

# The marks of baselines, so that colour is never the only difference.
SHAPES = {"majority": "diamond", "keywords": "square"}


@dataclass(frozen=True, slots=True)
class Frame:
    """A plot's area in a picture of 420 x 300, and what its axes run over."""

    x: tuple[float, float] = (0.0, 1.0)
    y: tuple[float, float] = (0.0, 1.0)

    LEFT, TOP, WIDTH, HEIGHT = 58, 10, 340, 244

    def at(self, point: Point) -> Point:
        """Where a point is drawn, in pixels from the top left.

        >>> Frame(y=(0.0, 0.5)).at((0.5, 0.5))
        (228.0, 10.0)
        """
        x, y = (
            (value - low) / (high - low)
            for value, (low, high) in zip(point, (self.x, self.y), strict=True)
        )
        return round(self.LEFT + x * self.WIDTH, 1), round(self.TOP + (1 - y) * self.HEIGHT, 1)

    def path(self, points: Iterable[Point]) -> str:
        """The points as a polyline takes them."""
        return " ".join(f"{x},{y}" for x, y in map(self.at, points))

    def dot(self, point: Point, title: str, kind: str = "model") -> str:
        """A dot that says its figures when pointed at."""
        x, y = self.at(point)
        words = f"<title>{escape(title)}</title>"
        return f'<circle class="{kind}" cx="{x}" cy="{y}" r="4">{words}</circle>'

    def bar(self, x: float, low: float, high: float, kind: str) -> str:
        """An upright line from low to high."""
        (left, top), (_, bottom) = self.at((x, high)), self.at((x, low))
        return f'<line class="{kind}" x1="{left}" x2="{left}" y1="{top}" y2="{bottom}"/>'

    def text(self, at: Point, words: str, anchor: str = "start", dx: int = 0, dy: int = 0) -> str:
        """Words beside a point."""
        x, y = self.at(at)
        return f'<text x="{x + dx}" y="{y + dy}" text-anchor="{anchor}">{escape(words)}</text>'

    def drawn(
        self,
        marks: Iterable[str],
        *,
        x_ticks: Mapping[float, str],
        y_ticks: Mapping[float, str],
        x_title: str,
        y_title: str,
        label: str,
    ) -> Markup:
        """The picture with its axes; label: what it shows, for who cannot see it."""
        grid = [
            f'<line class="grid" x1="{self.LEFT}" x2="{self.LEFT + self.WIDTH}" y1="{y}" y2="{y}"/>'
            for y in (self.at((self.x[0], tick))[1] for tick in y_ticks)
        ]
        names = [self.text((self.x[0], tick), name, "end", -7, 4) for tick, name in y_ticks.items()]
        names += [
            self.text((tick, self.y[0]), name, "middle", 0, 17) for tick, name in x_ticks.items()
        ]
        middle = self.LEFT + self.WIDTH / 2
        titles = (
            f'<text x="{middle}" y="294" text-anchor="middle">{escape(x_title)}</text>'
            f'<text transform="translate(11 {self.TOP + self.HEIGHT / 2}) rotate(-90)" '
            f'text-anchor="middle">{escape(y_title)}</text>'
        )
        body = "".join([*grid, *names, titles, *marks])
        return Markup(
            f'<svg class="plot" viewBox="0 0 420 300" role="img" aria-label="{escape(label)}">'
            f"{body}</svg>"
        )


def reliability(calibration: Calibration) -> Markup:
    """Stated against right, bin by bin; a band is where chance alone would put a perfect model.

    Bins under 30 sentences are not drawn.
    """
    frame = Frame()
    enough = [one for one in calibration.bins if one.n >= FEW_EXAMPLES]
    marks = [f'<polyline class="ideal" points="{frame.path([(0, 0), (1, 1)])}"/>']
    marks += [frame.bar(one.stated, one.low, one.high, "chance") for one in enough]
    marks += [
        frame.dot(
            (one.stated, one.right),
            f"stated {one.stated:.1%}, right {one.right:.1%} of {one.n}; "
            f"a perfectly calibrated model: {one.low:.1%} to {one.high:.1%}",
        )
        for one in enough
    ]
    return frame.drawn(
        marks,
        x_ticks=_percents(1),
        y_ticks=_percents(1),
        x_title="stated probability",
        y_title="share that is right",
        label="Reliability: share of right answers against the stated probability",
    )


def risk_coverage(abstention: Abstention) -> Markup:
    """The error among the surest sentences against how many those are, with its interval.

    A perfect order would put all wrong answers last; a random one has one error everywhere.
    """
    curve = abstention.curve
    drawn = [(one.coverage, one.error.value) for one in curve if one.error.value is not None]
    everything = drawn[-1][1]
    highs = [one.error.high for one in curve if one.error.high is not None]
    top = _rounded_up(max([everything, *highs]))
    frame = Frame(y=(0.0, top))
    low = [(one.coverage, one.error.low) for one in curve if one.error.low is not None]
    high = [(one.coverage, one.error.high) for one in curve if one.error.high is not None]
    steps = [number / 50 for number in range(1, 51)]
    perfect = [(share, max(0.0, 1 - (1 - everything) / share)) for share in steps]
    marks = []
    if low and high:
        marks.append(f'<polygon class="band" points="{frame.path([*low, *reversed(high)])}"/>')
    marks += [
        f'<polyline class="ideal" points="{frame.path(perfect)}"/>',
        f'<polyline class="ideal" points="{frame.path([(0, everything), (1, everything)])}"/>',
        f'<polyline class="line" points="{frame.path(drawn)}"/>',
        frame.text((0.02, everything), "random order", dy=-5),
        frame.text((1 - everything, 0), "perfect order", "end", -4, -6),
    ]
    marks += [
        frame.dot(
            (one.coverage, one.error.value), f"surest {one.n}: {one.error.percent} wrong", "small"
        )
        for one in curve
        if one.error.value is not None
    ]
    if (point := abstention.chosen) and point.coverage.value and point.precision.value is not None:
        coverage, error = point.coverage.value, 1 - point.precision.value
        marks += [
            frame.bar(coverage, 0, error, "chosen"),
            frame.dot((coverage, error), f"threshold {point.threshold:g}", "chosen"),
            frame.text((coverage, error), "this model's threshold", "end", -8, -6),
        ]
    return frame.drawn(
        marks,
        x_ticks=_percents(1),
        y_ticks=_percents(top),
        x_title="coverage: share of sentences answered, surest first",
        y_title="share that is wrong",
        label="Risk and coverage: error among the surest sentences",
    )


def learning_curve(forecast: Mapping[str, Any], name: str) -> Markup:
    """Scores against the sentences learned from, and what twice as many may give, if it is said.

    forecast: plain data; "points": "n_sentences" and "score" each; "doubled": a score or None.
    """
    points = [(one["n_sentences"], Score(**one["score"])) for one in forecast["points"]]
    kinds = ["model"] * len(points)
    if doubled := forecast["doubled"]:
        points.append((2 * forecast["n_sentences"], Score(**doubled)))
        kinds.append("forecast")
    drawn = [(n, one, kind) for (n, one), kind in zip(points, kinds, strict=True) if one.value]
    widest = float(max(n for n, _ in points))
    top = _rounded_up(max([one.high or one.value or 0 for _, one in points]))
    frame = Frame(x=(0.0, widest), y=(0.0, top))
    known = [(n, one.value) for n, one, kind in drawn if kind == "model" and one.value]
    marks = [f'<polyline class="line" points="{frame.path(known)}"/>']
    for n, one, kind in drawn:
        if one.low is not None and one.high is not None:
            marks.append(frame.bar(n, one.low, one.high, "whisker"))
        marks.append(frame.dot((n, one.value or 0.0), f"{n:,} sentences: {score_words(one)}", kind))
    return frame.drawn(
        marks,
        x_ticks={widest * part / 4: f"{widest * part / 4:,.0f}" for part in range(5)},
        y_ticks={n / 10: f"{n / 10:.1f}" for n in range(round(top * 10) + 1)},
        x_title="sentences learned from",
        y_title=name,
        label=f"Learning curve: {name} against sentences learned from",
    )


def strip(score: Score) -> Markup:
    """A score from 0 to 1 as a dot with its interval, its baselines as other marks; any width."""
    marks = [
        f'<line class="grid" x1="{x}%" x2="{x}%" y1="0" y2="100%"/>' for x in range(0, 101, 25)
    ]
    for name, value in score.baselines.items():
        if value is not None and name in SHAPES:
            marks.append(
                f'<svg x="{100 * value:.2f}%" y="50%" overflow="visible">'
                f'<path class="{name}" d="{_SHAPE_PATHS[SHAPES[name]]}"/>'
                f"<title>{escape(name)} {value:.3f}</title></svg>"
            )
    if score.low is not None and score.high is not None:
        ends = f'x1="{100 * score.low:.2f}%" x2="{100 * score.high:.2f}%"'
        marks.append(f'<line class="whisker" {ends} y1="50%" y2="50%"/>')
    if score.value is not None:
        marks.append(f'<circle class="model" cx="{100 * score.value:.2f}%" cy="50%" r="4.5"/>')
    return Markup(f'<svg class="strip" aria-hidden="true">{"".join(marks)}</svg>')


def key(kind: str) -> Markup:
    """The mark of the model or of a baseline, for a legend."""
    path = _SHAPE_PATHS[SHAPES.get(kind, "circle")]
    mark = f'<path class="{kind}" d="{path}" transform="translate(6 6)"/>'
    return Markup(f'<svg class="key" width="12" height="12" aria-hidden="true">{mark}</svg>')


_SHAPE_PATHS = {
    "circle": "M-4.5,0a4.5,4.5 0 1,0 9,0a4.5,4.5 0 1,0 -9,0",
    "diamond": "M0,-5L5,0L0,5L-5,0Z",
    "square": "M-4,-4H4V4H-4Z",
}


def _percents(top: float) -> dict[float, str]:
    """Ticks every tenth up to a half, else every fifth, as per cent."""
    step = 1 if top <= 0.5 else 2
    return {n / 10: f"{10 * n}%" for n in range(0, round(10 * top) + 1, step)}


def _rounded_up(value: float) -> float:
    """The next tenth, from 0.1 to 1."""
    return min(10, max(1, math.ceil(10 * value))) / 10
