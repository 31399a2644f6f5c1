import numpy as np
import pytest

from benchmarks.effort.footage import ClipToAnnotate, _difference, is_chosen, rendered


def test_objects_that_the_first_frame_hardly_shows_or_that_are_never_scored_are_left_out():
    truth = np.zeros((4, 20, 50), bool)
    truth[0, 0, :2] = True
    truth[1:, :10] = True
    assert not is_chosen(truth)
    truth[0, 0, :4] = True
    assert is_chosen(truth)
    truth[1:3] = False
    assert not is_chosen(truth)


def test_clips_are_the_same_every_time():
    one, again = next(rendered(1, frames=3)), next(rendered(1, frames=3))
    assert np.array_equal(one.frames, again.frames)
    assert len(one.objects) == len(again.objects) > 0


def test_frames_that_are_not_in_their_place_are_noticed():
    clip = next(rendered(1, frames=5))
    footage = ClipToAnnotate("clip", clip.frames, [])
    assert _difference(clip.frames, footage) == 0
    with pytest.raises(RuntimeError, match="not those that were rendered"):
        _difference(np.roll(clip.frames, 1, axis=0), footage)
