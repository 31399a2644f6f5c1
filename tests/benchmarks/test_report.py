import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from benchmarks.effort import report
from benchmarks.effort.annotator import Moment
from benchmarks.effort.clock import Effort
from benchmarks.effort.results import Result
from benchmarks.effort.strategies import STRATEGIES
from vos import rle

DOCUMENTED = Path(__file__).parents[2] / "docs" / "effort-benchmark.md"


@pytest.fixture
def found() -> dict[str, object]:
    mask = np.zeros((20, 30), bool)
    mask[4:12, 4:12] = True
    counts = [rle.encode(mask)["counts"]] * 10
    seconds = {"phase_1": 40, "phase_2": 10, "phase_3": 5}
    results = [
        Result(
            strategy=strategy,
            number=0,
            size=[20, 30],
            effort=Effort(visits=seconds.get(strategy, 5), clicks=Counter({0: 1})),
            moments=[Moment(1, 5.0, 0.7), Moment(2, 9.0, 0.9)],
            refinements=[(0.5, 0.7)],
            counts=counts,
        )
        for strategy in STRATEGIES
    ]
    return report.figures(results)


def test_every_figure_is_documented(found: dict[str, object]):
    words = DOCUMENTED.read_text()
    general = {re.sub(r"_[123](?=_|$)", "_P", name) if "over" not in name else name for name in found}
    assert [name for name in sorted(general) if f"`{name}`" not in words] == []


def test_speedups_are_ratios_of_seconds(found: dict[str, object]):
    assert found["speedup_3_over_1"] == pytest.approx(41.5 / 6.5)
    assert found["speedup_3_over_2"] == pytest.approx(11.5 / 6.5)


def test_the_table_shows_ours_beside_the_papers(found: dict[str, object]):
    table = report.table(found | {"videos": 1, "minutes": 0.5})
    assert "4.150 (37.800)" in table
    assert "1.000 (0.891)" in table


def test_the_plots_are_pictures(found: dict[str, object], tmp_path: Path):
    report.plots(found, tmp_path)
    for name in ("jf-by-frames.svg", "jf-by-time.svg"):
        lines = ET.parse(tmp_path / name).getroot().findall("{*}polyline")
        assert len(lines) == (2 if "frames" in name else 4)
