import json
from pathlib import Path
from xml.etree import ElementTree as ET

from worker.sam2.training.plots import draw


def test_a_log_is_drawn_as_one_line_a_figure(tmp_path: Path) -> None:
    lines = [
        {"step": 20, "loss": 1.5},
        {"step": 40, "loss": 0.5},
        {"step": 40, "validation": {"iou": 0.5, "recall": 1.0}},
    ]
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))

    draw(tmp_path / "log.jsonl", tmp_path / "curves.svg")

    svg = ET.parse(tmp_path / "curves.svg").getroot()
    names = [text.text for text in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert len(list(svg.iter("{http://www.w3.org/2000/svg}polyline"))) == 3
    assert {"loss", "iou", "recall"} <= set(names)
