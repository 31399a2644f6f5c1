"""Boxes from words: a model of `transformers` that an installation names looks for the labels of a project.

GroundingDINO, OWL-ViT, OWLv2 and SAM 3 are known here. None comes with Maskloop, SAM 3's licence forbids it; each is
loaded by its name on the hub or from a folder, safetensors only.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch.nn import functional as F
from transformers import (
    AutoConfig,
    AutoModelForZeroShotObjectDetection,
    AutoProcessor,
    AutoTokenizer,
    Sam3Model,
)

from worker.sam2.image import Frame
from worker.sam2.seeds import Box

Found = tuple[Box, str, float]  #: a box, the word that it was found by, how sure the model is (0..1)

FAMILIES = ("grounding-dino", "mm-grounding-dino", "owlvit", "owlv2", "sam3")
THRESHOLD = 0.25
MOST_WORDS = 64  # what GroundingDINO's 256 tokens hold
MOST_BOXES = 100  # of a frame, the surest


class Concepts:
    """A model that looks for `words` on a frame: call it with one, uint8 [H, W, 3]."""

    def __init__(
        self, model: Any, processor: Any, words: Sequence[str], threshold: float = THRESHOLD
    ) -> None:
        self.model, self.processor, self.threshold = model.eval(), processor, threshold
        self.words = list(dict.fromkeys(word.strip().lower() for word in words if word.strip()))
        if not 0 < len(self.words) <= MOST_WORDS:
            raise ValueError(f"Text looks for 1 to {MOST_WORDS} labels, the project has {len(self.words)}.")

    @torch.inference_mode()
    def __call__(self, frame: Frame) -> list[Found]:
        """The boxes of the words on a frame, the surest first, in its pixels."""
        sam3 = self.model.config.model_type == "sam3"
        found = self._prompted(frame) if sam3 else self._grounded(frame)
        height, width = frame.shape[:2]
        inside = ((_clipped(box, height, width), word, score) for box, word, score in found)
        kept = [one for one in inside if one[0][0] < one[0][2] and one[0][1] < one[0][3]]
        return sorted(kept, key=lambda one: -one[2])[:MOST_BOXES]

    def _grounded(self, frame: Frame) -> list[Found]:
        """Detectors that take all words at once."""
        told = self.processor(images=Image.fromarray(frame), text=[self.words], return_tensors="pt")
        told = told.to(self.model.device)
        by_tokens = "grounding-dino" in self.model.config.model_type
        (found,) = self.processor.post_process_grounded_object_detection(
            self.model(**told),
            **({"input_ids": told["input_ids"]} if by_tokens else {}),
            threshold=self.threshold,
            target_sizes=[frame.shape[:2]],
            text_labels=[self.words],
        )
        # Of no box GroundingDINO's processor says one text.
        rows = zip(found["boxes"].tolist(), found["text_labels"], found["scores"].tolist(), strict=False)
        return [(tuple(box), self._word(text), score) for box, text, score in rows]

    def _prompted(self, frame: Frame) -> list[Found]:
        """SAM 3, which takes one word at a time; its image processor wants torchvision, which it does not need."""
        device, side = self.model.device, self.model.config.vision_config.image_size
        pixels = torch.from_numpy(frame.copy()).permute(2, 0, 1)[None].float().to(device)
        pixels = F.interpolate(pixels, size=(side, side), mode="bilinear", antialias=True) / 127.5 - 1
        vision = self.model.get_vision_features(pixel_values=pixels)
        height, width = frame.shape[:2]
        scale = torch.tensor([width, height, width, height], device=device)
        found: list[Found] = []
        for word in self.words:
            text = self.processor(word, return_tensors="pt", padding="max_length", max_length=32).to(device)
            output = self.model(
                vision_embeds=vision, input_ids=text["input_ids"], attention_mask=text["attention_mask"]
            )
            scores = (output.pred_logits.sigmoid() * output.presence_logits.sigmoid())[0]
            kept = scores > self.threshold
            boxes = (output.pred_boxes[0][kept] * scale).tolist()
            found += [
                (tuple(box), word, score) for box, score in zip(boxes, scores[kept].tolist(), strict=True)
            ]
        return found

    def _word(self, text: str) -> str:
        """The label that a phrase means: GroundingDINO answers with pieces of what it was asked."""
        phrase = text.strip().lower()
        if phrase in self.words:
            return phrase
        return next((word for word in self.words if phrase and (word in phrase or phrase in word)), "")


def load(
    name: str | Path, words: Sequence[str], *, device: str = "cpu", threshold: float = THRESHOLD
) -> Concepts:
    """The model of that name, looking for `words`. Raises ValueError with a sentence when it is none of `FAMILIES`,
    cannot be loaded, or when there are no words or too many."""
    try:
        family = AutoConfig.from_pretrained(name).model_type
        if family not in FAMILIES:
            raise ValueError(f"it is a {family!r}, not one of {', '.join(FAMILIES)}")
        sam3 = family == "sam3"
        loaded: Any = Sam3Model if sam3 else AutoModelForZeroShotObjectDetection
        model = loaded.from_pretrained(name, use_safetensors=True)
        processor = (AutoTokenizer if sam3 else AutoProcessor).from_pretrained(name)
    except (OSError, ValueError, ImportError) as error:
        raise ValueError(f"MASKLOOP_CONCEPTS names {str(name)!r}, which cannot be used: {error}") from error
    return Concepts(model.to(device), processor, words, threshold)


def _clipped(box: Sequence[float], height: int, width: int) -> Box:
    x0, y0, x1, y1 = box
    return max(0.0, x0), max(0.0, y0), min(float(width), x1), min(float(height), y1)
