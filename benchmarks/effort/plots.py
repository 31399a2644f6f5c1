"""Curves as a picture that any browser shows."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

Curve = tuple[Sequence[float], Sequence[float]]  # x, y

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, RIGHT = 640, 340, 52, 48, 44, 16
COLOURS = ("#1f6fb2", "#c2571a", "#2d8a4e", "#8a3f9e")
TICKS = 5


def draw(path: Path, curves: Mapping[str, Curve], *, x: str, y: str) -> None:
    """Draws y over x, both axes named; x begins at 0, y a little below the lowest value."""
    most = max(value for xs, _ in curves.values() for value in xs)
    values = [value for _, ys in curves.values() for value in ys]
    low, high = min(values) - 0.02, max(values) + 0.02

    def place(at: float, value: float) -> tuple[float, float]:
        return (
            LEFT + (WIDTH - LEFT - RIGHT) * at / most,
            HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - low) / (high - low),
        )

    parts = [
        f'<path d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}" fill="none" stroke="#888"/>',
        _text(WIDTH - RIGHT, HEIGHT - 8, x, "end"),
        _text(8, TOP - 8, y, "start"),
    ]
    for tick in range(TICKS + 1):
        at, value = most * tick / TICKS, low + (high - low) * tick / TICKS
        parts.append(_text(place(at, low)[0], HEIGHT - BOTTOM + 16, f"{at:.3g}", "middle"))
        parts.append(_text(LEFT - 6, place(0, value)[1] + 4, f"{value:.2f}", "end"))
    for number, (name, (xs, ys)) in enumerate(curves.items()):
        colour = COLOURS[number % len(COLOURS)]
        joined = " ".join(f"{a:.1f},{b:.1f}" for a, b in map(place, xs, ys))
        parts.append(f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in map(place, xs, ys)]
        parts.append(_text(LEFT + 140 * number, 18, name, "start", colour))
    size = f'width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="12"'
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(parts)}</svg>\n')


def _text(x: float, y: float, words: str, anchor: str, colour: str = "#444") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'
