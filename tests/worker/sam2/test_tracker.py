from collections import Counter
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
import torch
from transformers import Sam2VideoInferenceSession
from transformers.models.sam2_video.modeling_sam2_video import Sam2VideoModel

from tests.worker.sam2.tiny import (
    FRAMES,
    HEIGHT,
    WIDTH,
    TinyClip,
    blob,
    tiny_checkpoint,
    tiny_config,
    tiny_model,
)
from worker.sam2 import image, tracker as tracker_module
from worker.sam2.checkpoint import Checkpoint, at_size
from worker.sam2.features import FeatureCache
from worker.sam2.memory import MemoryBank
from worker.sam2.step import StepOutput
from worker.sam2.tracker import (
    ENCODED_TOGETHER,
    FrameMask,
    FramePrompt,
    Steering,
    Track,
    Tracker,
    TrackState,
)

CLICK = FramePrompt(0, [(30, 25)], [1])
BOX = FramePrompt(0, box=(16, 11, 44, 39))
BOX_AND_CLICKS = FramePrompt(0, [(30, 25), (100, 60)], [1, 0], box=(16, 11, 44, 39))
MASK = FramePrompt(0, mask=blob(0))
LAST = FRAMES - 1


class RecordingTracker(Tracker):
    """Keeps what the model said, before it becomes masks for people."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.outputs: dict[int, StepOutput] = {}

    def _frame_masks(self, frame_idx: int, output: StepOutput, size: tuple[int, int]) -> list[FrameMask]:
        self.outputs[frame_idx] = output
        return super()._frame_masks(frame_idx, output, size)


class Reference:
    """`Sam2VideoModel` with an inference session of its own, fed the same pixels and prompts.

    It rounds memories to bfloat16, ours are as exact as the weights: for the comparison it is made to keep its own.
    """

    def __init__(self, model: Sam2VideoModel, clip: TinyClip) -> None:
        self.model = model
        self.side = model.config.image_size
        pixels = torch.stack([image.preprocess(clip[idx], self.side) for idx in range(len(clip))])
        self.session = Sam2VideoInferenceSession(
            video=pixels, video_height=HEIGHT, video_width=WIDTH, dtype=torch.float32
        )
        self.ious: dict[int, float] = {}
        self.logits: dict[int, torch.Tensor] = {}
        self.scores: dict[int, float] = {}

    def prompt(self, prompt: FramePrompt) -> None:
        object_idx = self.session.obj_id_to_idx(1)
        if prompt.mask is not None:
            mask = image.mask_to_input(prompt.mask, self.side)[None]
            self.session.add_mask_inputs(object_idx, prompt.frame_idx, mask)
        else:
            corners = [prompt.box[:2], prompt.box[2:]] if prompt.box else []
            points = torch.tensor([*corners, *prompt.points], dtype=torch.float32)
            points = points * torch.tensor([self.side / WIDTH, self.side / HEIGHT])
            labels = torch.tensor([*([2, 3] if corners else []), *prompt.labels])
            inputs = {"point_coords": points[None, None], "point_labels": labels[None, None].int()}
            self.session.add_point_inputs(object_idx, prompt.frame_idx, inputs)
        self.session.obj_with_new_inputs = [1]

    def run(self, frame_idx: int, *, reverse: bool = False) -> None:
        def note_iou(_module: Any, _inputs: Any, output: tuple[torch.Tensor, ...]) -> None:
            self.ious[frame_idx] = output[1].max().item()

        hook = self.model.mask_decoder.register_forward_hook(note_iou)
        with patch.object(torch, "bfloat16", torch.float32):
            output = self.model(self.session, frame_idx=frame_idx, reverse=reverse)
        hook.remove()
        self.logits[frame_idx] = output.pred_masks[:, 0]
        self.scores[frame_idx] = output.object_score_logits.item()

    def pointer(self, frame_idx: int) -> torch.Tensor:
        kinds = self.session.output_dict_per_obj[0]
        stored = kinds["cond_frame_outputs"] | kinds["non_cond_frame_outputs"]
        return stored[frame_idx]["object_pointer"][:, 0]

    def propagate(self, prompts: list[FramePrompt], order: range) -> None:
        for prompt in prompts:
            self.prompt(prompt)
            self.run(prompt.frame_idx)
        for idx in order:
            self.run(idx, reverse=order.step < 0)


@torch.inference_mode()
def assert_same(reference: Reference, outputs: dict[int, StepOutput], tolerance: float = 1e-5) -> None:
    """`tolerance` is relative to the largest logit and the largest entry of a pointer."""
    for idx, output in outputs.items():
        pointer = reference.pointer(idx)
        scale = output.candidates.abs().max()
        assert (output.logits - reference.logits[idx]).abs().max() <= tolerance * scale
        assert (output.pointer - pointer).abs().max() <= tolerance * pointer.abs().max()
        assert output.object_score.item() == pytest.approx(reference.scores[idx], abs=100 * tolerance)
        if idx in reference.ious:
            assert output.predicted_iou.item() == pytest.approx(reference.ious[idx], abs=10 * tolerance)


def exact_tracker(**changes: int) -> RecordingTracker:
    return RecordingTracker(tiny_checkpoint(**changes), reference=True)


@pytest.fixture
def clip() -> TinyClip:
    return TinyClip(key="clip")


@pytest.fixture
def tracker() -> Tracker:
    return Tracker(tiny_checkpoint())


FORWARD, BACKWARD = range(FRAMES), range(LAST, -1, -1)
SECOND_CLICK = FramePrompt(6, [(54, 25)], [1])


@pytest.mark.parametrize(
    ("prompts", "order"),
    [
        pytest.param([CLICK], FORWARD, id="click"),
        pytest.param([BOX], FORWARD, id="box"),
        pytest.param([BOX_AND_CLICKS], FORWARD, id="box and clicks"),
        pytest.param([MASK], FORWARD, id="mask"),
        pytest.param([CLICK, SECOND_CLICK], FORWARD, id="second prompted frame"),
        pytest.param([FramePrompt(LAST, [(70, 40)], [1])], BACKWARD, id="backward click"),
        pytest.param(
            [FramePrompt(LAST, mask=blob(LAST)), FramePrompt(4, box=(30, 10, 62, 40))],
            BACKWARD,
            id="backward mask and box",
        ),
    ],
)
def test_the_reference_switch_gives_what_sam2_video_model_gives(
    clip: TinyClip, prompts: list[FramePrompt], order: range
) -> None:
    reference = Reference(tiny_model(), clip)
    reference.propagate(prompts, order)
    tracker = exact_tracker()
    masks = list(tracker.propagate(clip, prompts, order=order))

    assert_same(reference, tracker.outputs)
    assert [mask.frame_idx for mask in masks] == list(order)
    painted = {prompt.frame_idx for prompt in prompts if prompt.mask is not None}
    for mask in masks:
        assert mask.object_score == pytest.approx(reference.scores[mask.frame_idx], abs=2e-4)
        if mask.frame_idx not in painted:
            logits = reference.logits[mask.frame_idx][0]
            expected = image.masks_from_logits(logits[None], (HEIGHT, WIDTH))[0]
            # A logit that is zero to float tolerance may fall on either side.
            assert (mask.mask != expected).sum() <= 2


def test_the_parity_clip_is_worth_comparing(clip: TinyClip) -> None:
    masks = list(Tracker(tiny_checkpoint(), reference=True).propagate(clip, [BOX], order=FORWARD))
    areas = [mask.mask.mean() for mask in masks]
    assert any(mask.object_score <= 0 for mask in masks)
    assert sum(0.02 < area < 0.98 for area in areas) >= 5
    assert len({round(mask.predicted_iou, 3) for mask in masks}) > 5


def test_parity_holds_with_a_limit_on_conditioning_frames(clip: TinyClip) -> None:
    prompts = [CLICK, FramePrompt(3, [(42, 25)], [1]), FramePrompt(8, [(62, 25)], [1])]
    reference = Reference(tiny_model(max_cond_frame_num=1), clip)
    reference.propagate(prompts, FORWARD)
    tracker = exact_tracker(max_cond_frame_num=1)
    list(tracker.propagate(clip, prompts, order=FORWARD))
    assert_same(reference, tracker.outputs)


@pytest.mark.parametrize("prompt", [CLICK, BOX, MASK], ids=["click", "box", "mask"])
def test_parity_holds_at_another_image_size(clip: TinyClip, tmp_path: Path, prompt: FramePrompt) -> None:
    """The reference is built for that size, ours is brought to it."""
    tiny_model().save_pretrained(tmp_path)
    built = Sam2VideoModel(tiny_config(192)).eval()
    built.load_state_dict(tiny_model().state_dict())
    brought = Sam2VideoModel.from_pretrained(tmp_path, config=at_size(tiny_config(), 192)).eval()
    reference = Reference(built, clip)
    reference.propagate([prompt], FORWARD)
    tracker = RecordingTracker(Checkpoint(brought, "tiny"), reference=True)
    list(tracker.propagate(clip, [prompt], order=FORWARD))
    assert tracker.outputs[LAST].logits.shape[-1] == 48
    assert_same(reference, tracker.outputs)


def test_parity_holds_for_a_correction_on_a_tracked_frame(clip: TinyClip) -> None:
    correction = FramePrompt(5, [(50, 25), (100, 70)], [1, 0])
    reference = Reference(tiny_model(), clip)
    reference.propagate([CLICK], FORWARD)
    reference.prompt(correction)
    for idx in range(5, FRAMES):
        reference.run(idx)

    tracker = exact_tracker()
    track = Track(tracker, clip)
    prompts = {p.frame_idx: tracker._to_model(p, (HEIGHT, WIDTH)) for p in (CLICK, correction)}
    outputs = {0: tracker.advance([track], 0, prompts[0], conditioning=True, isolated=True)}
    for idx in range(1, FRAMES):
        outputs[idx] = tracker.advance([track], idx, prompts.get(idx))
    assert_same(reference, {idx: outputs[idx] for idx in range(5, FRAMES)})
    assert set(track.bank.conditioning) == {0}


def test_a_click_gives_a_mask_of_the_frame_with_its_scores(tracker: Tracker, clip: TinyClip) -> None:
    mask = tracker.predict(clip, CLICK)
    assert mask.frame_idx == 0
    assert mask.mask.shape == (HEIGHT, WIDTH)
    assert mask.mask.dtype == np.bool_
    assert 0 < mask.mask.mean() < 1
    assert 0 <= mask.predicted_iou <= 1
    assert 0 <= mask.stability <= 1


def test_a_second_click_on_a_frame_runs_only_the_decoder(tracker: Tracker, clip: TinyClip) -> None:
    encoded = Counter[str]()
    backbone = tracker.checkpoint.model.vision_encoder.backbone
    hook = backbone.patch_embed.register_forward_hook(lambda *_: encoded.update(["frame"]))
    first = tracker.predict(clip, CLICK)
    two_clicks = FramePrompt(0, [(30, 25), (35, 20)], [1, 1])
    tracker.predict(clip, two_clicks, previous=first.mask)
    hook.remove()
    assert encoded["frame"] == 1


def test_a_previous_mask_counts_and_an_empty_one_does_not(tracker: Tracker, clip: TinyClip) -> None:
    fresh = tracker.predict(clip, CLICK)
    refined = tracker.predict(clip, CLICK, previous=blob(0))
    empty = tracker.predict(clip, CLICK, previous=np.zeros((HEIGHT, WIDTH), bool))
    assert refined.predicted_iou != fresh.predicted_iou
    assert empty.predicted_iou == fresh.predicted_iou


def test_a_painted_mask_is_taken_as_it_is(tracker: Tracker, clip: TinyClip) -> None:
    assert (tracker.predict(clip, MASK).mask == blob(0)).all()
    first = next(iter(tracker.propagate(clip, [MASK], order=FORWARD)))
    assert (first.mask == blob(0)).all()


def test_propagation_starts_with_what_the_click_showed(tracker: Tracker, clip: TinyClip) -> None:
    shown = tracker.predict(clip, CLICK)
    first = next(iter(tracker.propagate(clip, [CLICK], order=FORWARD)))
    assert (first.mask == shown.mask).all()


@pytest.mark.parametrize("order", [[3], [4, 5, 6], [2, 1, 0], [1, 4, 9]], ids=["one", "up", "down", "gaps"])
def test_frames_come_in_the_order_asked_for(tracker: Tracker, clip: TinyClip, order: list[int]) -> None:
    prompt = FramePrompt(3, [(42, 25)], [1])
    assert [mask.frame_idx for mask in tracker.propagate(clip, [prompt], order=order)] == order


def test_an_interrupted_run_resumes_nearly_as_if_unbroken(tracker: Tracker, clip: TinyClip) -> None:
    whole = list(tracker.propagate(clip, [CLICK], order=FORWARD))
    known = {mask.frame_idx: mask.mask for mask in whole[:5]}
    rest = list(tracker.propagate(clip, [CLICK], order=range(5, FRAMES), known=known))
    amnesiac = list(tracker.propagate(clip, [CLICK], order=range(5, FRAMES)))
    assert mean_iou(rest, whole[5:]) > 0.85
    assert any((one.mask != other.mask).any() for one, other in zip(rest, amnesiac, strict=True))


def mean_iou(left: list[FrameMask], right: list[FrameMask]) -> float:
    pairs = zip(left, right, strict=True)
    return float(np.mean([(a.mask & b.mask).sum() / max((a.mask | b.mask).sum(), 1) for a, b in pairs]))


def test_a_masklet_without_prompts_goes_on_from_its_known_masks(tracker: Tracker, clip: TinyClip) -> None:
    masks = list(tracker.propagate(clip, [], order=[2, 3], known={0: blob(0), 1: blob(1)}))
    assert [mask.frame_idx for mask in masks] == [2, 3]


def test_a_click_on_a_tracked_frame_survives_repropagation(tracker: Tracker, clip: TinyClip) -> None:
    known = {mask.frame_idx: mask.mask for mask in tracker.propagate(clip, [CLICK], order=FORWARD)}
    tracked = known[6]
    x, y = (int(value) for value in np.argwhere(tracked)[0][::-1])
    correction = FramePrompt(6, [(54, 25), (x, y)], [1, 0])
    corrected = tracker.predict(clip, correction, previous=tracked)
    assert (corrected.mask != tracked).any()

    known[6] = np.where(tracked, False, corrected.mask)
    known[6][20:30, 50:58] = True
    again = list(tracker.propagate(clip, [CLICK, correction], order=FORWARD, known=known))
    assert (again[6].mask == known[6]).all()
    assert any((again[idx].mask != known[idx]).any() for idx in (4, 5, 7, 8))


def test_a_known_mask_older_than_the_click_is_refined_by_it(tracker: Tracker, clip: TinyClip) -> None:
    stale = blob(6)
    correction = FramePrompt(6, [(100, 70), (54, 25)], [1, 0])
    result = list(
        tracker.propagate(
            clip, [CLICK, correction], order=[6, 7], known={6: stale}, unanswered=frozenset({6})
        )
    )
    assert (result[0].mask != stale).any()
    assert (result[0].mask == tracker.predict(clip, correction, previous=stale).mask).all()


def test_a_correction_becomes_a_conditioning_frame_except_in_the_reference(
    clip: TinyClip, monkeypatch: pytest.MonkeyPatch
) -> None:
    banks: list[MemoryBank] = []

    def make_bank(*args: Any, **kwargs: Any) -> MemoryBank:
        banks.append(MemoryBank(*args, **kwargs))
        return banks[-1]

    monkeypatch.setattr(tracker_module, "MemoryBank", make_bank)
    correction = FramePrompt(5, [(50, 25)], [1])
    for reference in (False, True):
        tracker = Tracker(tiny_checkpoint(), reference=reference)
        list(tracker.propagate(clip, [CLICK, correction], order=FORWARD, known={5: blob(5)}))
    assert set(banks[0].conditioning) == {0, 5}
    assert set(banks[1].conditioning) == {0}


def test_a_click_that_only_takes_away_is_read_after_the_others(tracker: Tracker, clip: TinyClip) -> None:
    away = FramePrompt(2, [(100, 70)], [0])
    one = list(tracker.propagate(clip, [away, CLICK], order=FORWARD))
    other = list(tracker.propagate(clip, [CLICK, away], order=FORWARD))
    assert all((a.mask == b.mask).all() for a, b in zip(one, other, strict=True))


def test_memory_does_not_grow_with_the_video() -> None:
    clip = TinyClip(60)
    tracker = Tracker(tiny_checkpoint(), features=FeatureCache(2**20))
    track = Track(tracker, clip)
    tracker.advance([track], 0, tracker._to_model(CLICK, (HEIGHT, WIDTH)), conditioning=True)
    sizes = []
    for idx in range(1, len(clip)):
        tracker.advance([track], idx)
        memory = track.bank.read(idx + 1)
        assert memory is not None
        sizes.append((len(track.bank.recent), len(track.bank.pointers), memory.keys[0].shape[1]))
    assert sizes[-1][:2] == (6, 15)
    assert sizes[20:] == [sizes[20]] * len(sizes[20:])
    assert tracker._cache.nbytes <= 2**20
    assert clip.decoded == list(range(60))


def test_objects_of_different_prompts_and_ages_are_what_each_is_alone(clip: TinyClip) -> None:
    objects = {
        "clicked": TrackState([CLICK, SECOND_CLICK]),
        "boxed": TrackState([BOX]),
        "painted later": TrackState([FramePrompt(4, mask=blob(4))]),
        "known so far": TrackState(masks={0: blob(0), 1: blob(1)}),
    }
    tracker = Tracker(tiny_checkpoint())
    together = list(tracker.propagate_all(clip, objects, order=range(2, FRAMES)))
    assert [set(found) for found in together] == [set(objects)] * (FRAMES - 2)
    for name, known in objects.items():
        alone = tracker.propagate(clip, known.prompts, order=range(2, FRAMES), known=known.masks)
        for found, mask in zip(together, alone, strict=True):
            assert found[name].object_score == pytest.approx(mask.object_score, abs=1e-2)
            assert (found[name].mask != mask.mask).mean() < 0.002


def test_a_frame_is_encoded_once_for_all_objects_and_for_the_next_propagation(clip: TinyClip) -> None:
    tracker = Tracker(tiny_checkpoint())
    encoded: list[int] = []
    backbone = tracker.checkpoint.model.vision_encoder.backbone
    hook = backbone.patch_embed.register_forward_hook(lambda _, inputs, __: encoded.append(len(inputs[0])))
    list(tracker.propagate_all(clip, {1: TrackState([CLICK]), 2: TrackState([BOX])}, order=FORWARD))
    list(tracker.propagate(clip, [CLICK], order=BACKWARD))
    hook.remove()
    assert encoded == [1, 2, 4, 3]


def test_features_of_a_video_without_a_key_are_not_taken_for_another_videos() -> None:
    tracker = Tracker(tiny_checkpoint())
    clip = TinyClip()
    for _ in range(2):  # the second time it could be another video in the same place of memory
        tracker.predict(clip, CLICK)
    decoded = len(clip.decoded)
    list(tracker.propagate_all(clip, {1: TrackState([CLICK]), 2: TrackState([BOX])}, order=range(2)))
    assert clip.decoded[decoded:].count(0) == 2, "once for its size and once for both objects' features"


def test_masks_that_agree_with_those_before_end_the_way_until_the_next_change(clip: TinyClip) -> None:
    tracker = Tracker(tiny_checkpoint())
    before = {found.frame_idx: found.mask for found in tracker.propagate(clip, [MASK], order=FORWARD)}
    again = tracker.propagate(clip, [MASK], order=range(1, FRAMES), before=before, changed=frozenset({7}))
    assert [found.frame_idx for found in again] == [1, 2, 3, 7, 8, 9]


def test_closing_the_iterator_stops_the_work(tracker: Tracker, clip: TinyClip) -> None:
    masks = tracker.propagate(clip, [CLICK], order=FORWARD)
    for _ in range(3):
        next(masks)
    masks.close()
    assert max(clip.decoded) <= 2 + ENCODED_TOGETHER
    assert [mask.frame_idx for mask in tracker.propagate(clip, [CLICK], order=[1, 2])] == [1, 2]


OTHER_SIZE = np.zeros((HEIGHT, WIDTH + 1), bool)


@pytest.mark.parametrize(
    ("prompt", "sentence"),
    [
        (FramePrompt(0, [(WIDTH + 1, 5)], [1]), "outside the frame"),
        (FramePrompt(0, [(float("nan"), 5)], [1]), "outside the frame"),
        (FramePrompt(0, [(5, 5)], [2]), "label is 1"),
        (FramePrompt(0, [(5, 5)], []), "each point takes one"),
        (FramePrompt(0), "at least one point"),
        (FramePrompt(0, box=(40, 10, 20, 30)), "empty or inverted"),
        (FramePrompt(0, box=(float("nan"), 10, 20, 30)), "empty or inverted"),
        (FramePrompt(0, box=(-5, 10, 20, 30)), "outside the frame"),
        (FramePrompt(0, mask=OTHER_SIZE), "the frame \\(90, 160\\)"),
        (FramePrompt(0, box=(5, 5, 20, 20), mask=blob(0)), "without a box"),
        (FramePrompt(FRAMES, [(5, 5)], [1]), "frames 0 to 9"),
        (FramePrompt(-1, [(5, 5)], [1]), "frames 0 to 9"),
    ],
)
def test_a_prompt_that_does_not_fit_is_refused_in_a_sentence(
    tracker: Tracker, clip: TinyClip, prompt: FramePrompt, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        tracker.predict(clip, prompt)
    with pytest.raises(ValueError, match=sentence):
        tracker.propagate(clip, [prompt], order=[0, 1])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"prompts": [CLICK], "order": []}, "order is empty"),
        ({"prompts": [CLICK], "order": [0, FRAMES]}, "order names frame 10"),
        ({"prompts": [CLICK], "order": [0, 2, 1]}, "one way"),
        ({"prompts": [CLICK], "order": [1, 1]}, "one way"),
        ({"prompts": [], "order": [0]}, "Nothing to propagate"),
        ({"prompts": [CLICK, BOX], "order": [0]}, "put its points together"),
        ({"prompts": [CLICK], "order": [0], "known": {0: OTHER_SIZE}}, "known mask of frame 0"),
        ({"prompts": [CLICK], "order": [0], "known": {99: blob(0)}}, "known for frame 99"),
    ],
)
def test_a_propagation_that_does_not_fit_is_refused_in_a_sentence(
    tracker: Tracker, clip: TinyClip, arguments: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        tracker.propagate(clip, **arguments)


def test_a_previous_mask_of_another_size_is_refused(tracker: Tracker, clip: TinyClip) -> None:
    with pytest.raises(ValueError, match="previous mask"):
        tracker.predict(clip, CLICK, previous=OTHER_SIZE)


def test_first_prompts_of_a_frame_are_read_in_one_batch():
    objects = {
        "click": TrackState([CLICK]),
        "click elsewhere": TrackState([FramePrompt(0, [(70, 43)], [1])]),
        "box": TrackState([BOX]),
        "mask": TrackState([MASK]),
        "other mask": TrackState([FramePrompt(0, mask=blob(2))]),
    }
    tracker = Tracker(tiny_checkpoint())
    with patch.object(tracker, "advance", wraps=tracker.advance) as advance:
        found = next(tracker.propagate_all(TinyClip(), objects, order=range(FRAMES)))

    assert sorted(len(call.args[0]) for call in advance.call_args_list) == [1, 2]
    for name, known in objects.items():
        alone = next(Tracker(tiny_checkpoint()).propagate(TinyClip(), known.prompts, order=range(FRAMES)))
        assert np.array_equal(found[name].mask, alone.mask)
        assert found[name].predicted_iou == pytest.approx(alone.predicted_iou, abs=1e-4)


def test_a_dropped_object_is_followed_no_further_and_the_others_as_they_were():
    objects = {"kept": TrackState([MASK]), "dropped": TrackState([FramePrompt(0, mask=blob(2))])}
    steering: Steering[str] = Steering()
    seen: list[dict[str, FrameMask]] = []
    frames = Tracker(tiny_checkpoint()).propagate_all(
        TinyClip(), objects, order=range(FRAMES), steering=steering
    )
    for found in frames:
        seen.append(found)
        if len(seen) == 3:
            steering.dropped.add("dropped")
    alone = list(Tracker(tiny_checkpoint()).propagate(TinyClip(), [MASK], order=range(FRAMES)))

    assert [sorted(found) for found in seen] == [["dropped", "kept"]] * 3 + [["kept"]] * (FRAMES - 3)
    assert all(np.array_equal(found["kept"].mask, one.mask) for found, one in zip(seen, alone, strict=True))


def test_a_renewed_object_looks_back_on_its_first_frame_and_on_the_last_one_that_was_renewed():
    steering: Steering[str] = Steering()
    banks: list[MemoryBank] = []

    class Watched(MemoryBank):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            banks.append(self)

    with patch.object(tracker_module, "MemoryBank", Watched):
        for found in Tracker(tiny_checkpoint()).propagate_all(
            TinyClip(), {"one": TrackState([MASK])}, order=range(FRAMES), steering=steering
        ):
            if found["one"].frame_idx in (2, 4):
                steering.renewed.add("one")

    assert sorted(banks[0].conditioning) == [0, 4]
    assert steering.renewed == set()
