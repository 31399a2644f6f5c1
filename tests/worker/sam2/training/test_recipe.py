from worker.sam2.training.recipe import FULL, SMALL


def test_a_gpu_sees_more_at_once_and_for_longer() -> None:
    for small, full in zip(SMALL, FULL, strict=True):
        assert full.clips == 8 * small.clips
        assert full.steps > small.steps


def test_every_stage_ends_slower_than_it_began_and_has_a_name_of_its_own() -> None:
    assert all(stage.rates[1] < stage.rates[0] for stage in SMALL)
    assert len({stage.name for stage in SMALL}) == len(SMALL)
