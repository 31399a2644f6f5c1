"""The curves of a run, drawn from its log as a picture that any browser shows."""

import json
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

Point = tuple[float, float]

WIDTH, HEIGHT, LEFT, TOP = 640, 220, 46, 28
COLOURS = ("#1f6fb2", "#c2571a", "#2d8a4e", "#8a3f9e", "#a33b3b", "#5c6670")


def draw(log: Path, picture: Path) -> None:
    """Draws the loss and the validation figures of a `log.jsonl` over the steps."""
    entries = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    loss = {"loss": [(entry["step"], entry["loss"]) for entry in entries if "loss" in entry]}
    figures: dict[str, list[Point]] = {}
    for entry in entries:
        for name, value in entry.get("validation", {}).items():
            figures.setdefault(name, []).append((entry["step"], value))
    last = max((entry["step"] for entry in entries), default=1)
    panels = [_panel(loss, last, 0), _panel(figures, last, 1)]
    size = f'width="{WIDTH}" height="{2 * HEIGHT}" font-family="sans-serif" font-size="11"'
    picture.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(panels)}</svg>\n')


def _panel(curves: dict[str, list[Point]], last: float, row: int) -> str:
    """Axes from 0 to the last step and to the largest value (at least 1), a line for each curve, its name above."""
    top, bottom, right = row * HEIGHT + TOP, (row + 1) * HEIGHT - 24, WIDTH - 12
    most = max([1.0, *(value for points in curves.values() for _, value in points)])
    parts = [f'<path d="M{LEFT} {top}V{bottom}H{right}" fill="none" stroke="#888"/>']
    parts += [_text(LEFT - 6, top + 8, f"{most:.2g}", "end"), _text(LEFT - 6, bottom, "0", "end")]
    parts += [_text(right, bottom + 14, f"step {last:g}", "end")]
    for number, (name, points) in enumerate(curves.items()):
        colour = COLOURS[number % len(COLOURS)]
        places = [
            (LEFT + (right - LEFT) * step / max(last, 1), bottom - (bottom - top) * value / most)
            for step, value in points
        ]
        parts += [_line(places, colour), _text(LEFT + 100 * number, top - 10, name, "start", colour)]
    return "".join(parts)


def _line(places: Sequence[Point], colour: str) -> str:
    joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    return f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="1.5"/>'


def _text(x: float, y: float, words: str, anchor: str, colour: str = "#444") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'
