"""Outlines of things, as closed polygons [P, 2] of about unit radius around the origin."""

import numpy as np
from numpy.random import Generator

Contour = np.ndarray


def _polar(angle: np.ndarray, radius: np.ndarray) -> Contour:
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)


def blob(rng: Generator, *, lobes: int = 5, roughness: float = 0.35) -> Contour:
    """A smooth closed curve with a few lobes."""
    angle = np.linspace(0, 2 * np.pi, 56, endpoint=False)
    radius = np.ones_like(angle)
    for k in range(2, lobes + 1):
        radius += rng.normal(0, roughness / k) * np.cos(k * angle + rng.uniform(0, 2 * np.pi))
    return _polar(angle, np.clip(radius, 0.35, 1.7))


def polygon(rng: Generator) -> Contour:
    """A convex-ish polygon with three to seven corners."""
    corners = int(rng.integers(3, 8))
    angle = (np.arange(corners) + rng.uniform(-0.25, 0.25, corners)) * 2 * np.pi / corners
    return _polar(angle, rng.uniform(0.8, 1.15, corners))


def star(rng: Generator) -> Contour:
    """A star or a flower with four to eight points."""
    points = int(rng.integers(4, 9))
    angle = np.arange(2 * points) * np.pi / points
    return _polar(angle, np.where(np.arange(2 * points) % 2, rng.uniform(0.4, 0.75), 1.15))


def superellipse(rng: Generator) -> Contour:
    """From a diamond over an ellipse to a rounded box."""
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    power = rng.choice([0.25, 0.5, 1.0, 1.0, 1.4])
    c, s = np.cos(angle), np.sin(angle)
    return np.stack([np.sign(c) * np.abs(c) ** power, np.sign(s) * np.abs(s) ** power], axis=-1)


def ellipse(x: float, y: float, rx: float, ry: float, turn: float = 0.0) -> Contour:
    """An ellipse around (x, y), turned by `turn` radians."""
    angle = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    points = np.stack([rx * np.cos(angle), ry * np.sin(angle)], axis=-1)
    return rotated(points, turn) + np.array([x, y])


def rotated(points: Contour, turn: float) -> Contour:
    """The points turned around the origin by `turn` radians."""
    c, s = np.cos(turn), np.sin(turn)
    return points @ np.array([[c, s], [-s, c]])


def random_outline(rng: Generator) -> Contour:
    """One outline of any kind, stretched."""
    make = [blob, blob, blob, polygon, star, superellipse, superellipse][int(rng.integers(7))]
    stretch = np.array([1.0, rng.uniform(0.5, 1.0)])
    return make(rng) * stretch
