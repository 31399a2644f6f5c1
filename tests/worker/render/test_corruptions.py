import numpy as np

from worker.render.compose import compose_scene
from worker.render.corruptions import with_corruptions
from worker.render.scene import Actor, Scene


def scene(seed: int = 0, objects: int = 4) -> Scene:
    rng = np.random.default_rng(seed)
    return compose_scene(rng, width=96, height=54, objects=objects, difficulty=1.0, split="train")


def test_an_easy_scene_stays_as_it_is() -> None:
    easy = scene()

    assert with_corruptions(np.random.default_rng(0), easy, difficulty=0.0) == easy


def test_corruptions_come_in_all_kinds() -> None:
    troubled = [with_corruptions(np.random.default_rng(seed), scene(), difficulty=1.0) for seed in range(60)]

    def alike(actors: list[Actor]) -> bool:
        return len({id(actor.parts) for actor in actors if actor.tracked}) < 4

    assert any(alike(one.actors) for one in troubled)
    assert any(actor.squash.start < 0.4 for one in troubled for actor in one.actors)
    assert any(one.shutter for one in troubled)
    assert any(one.quality for one in troubled)
