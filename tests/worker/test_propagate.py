import pytest
from tests import factories
from engine.models import *
from worker.runs import perform
from worker.propagate import propagate
from worker.predict import predict
from engine.services import runs

pytestmark = pytest.mark.django_db(transaction=True)

def test_a_propagation_goes_through_the_video():
    team = factories.team()
    video = factories.ready_video(team.project, team.owner)
    masklet = factories.masklet(video, team.annotator, status="annotating")
    factories.click(masklet, team.annotator)
    run = factories.predict_run(masklet, team.annotator)
    perform(run.pk, predict)
    run.refresh_from_db(); print(run.status, run.result, run.error_message)
    run = factories.propagate_run(masklet, team.annotator)
    import time; t=time.time()
    perform(run.pk, propagate)
    print(time.time()-t)
    run.refresh_from_db(); print(run.status, run.result, run.error_message)
    from engine.services import revisions
    from engine import masks
    masklet.refresh_from_db()
    got = revisions.load(masklet.revision, video=video)
    for idx, f in got["frames"].items():
        m = masks.decode({"size": got["size"], "counts": f["counts"]}); g = factories.disc_mask(int(idx))
        print(idx, (m&g).sum()/(m|g).sum(), f["predicted_iou"], f["object_score"])
