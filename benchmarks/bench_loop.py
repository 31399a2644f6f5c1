"""The whole data engine by itself: rounds of ingest, annotation, review, release, trigger, training and gate, on the
real stack and on footage of a look that the bundled checkpoint is weak on.

    python -m benchmarks.bench_loop            three rounds (an hour on two cores)
    python -m benchmarks.bench_loop --quick    one small round, for a look

A loop that was killed goes on where it was; --anew begins again. The last line is one JSON object; its keys and what
was found: docs/the-loop.md.
"""

import argparse
import json
import shutil
import time
from pathlib import Path
from typing import Any

from benchmarks.effort import plots
from benchmarks.effort.client import Person
from benchmarks.effort.report import rounded
from benchmarks.effort.stack import Stack
from benchmarks.loop import arms, attacks, footage, kills, people, rollback
from benchmarks.loop.journal import Journal
from benchmarks.loop.measure import measure
from benchmarks.loop.rounds import QUICK, Plan, Round, make_project
from benchmarks.loop.stack import folder_of, running_stack
from deploy.local.apps import ROOT
from deploy.local.progress import say, step
from vos.challenge import false_retreats

TABLE = (
    "round", "masklets", "accepted", "human_seconds_per_masklet", "seconds_per_frame", "edited_frames",
    "clicks_per_clicked_frame", "jf_submitted", "auto_proposed", "auto_reviewed", "auto_accepted",
    "gain", "gain_low", "gain_high", "passed", "new_jf_1_click",
    "new_jf_mask", "old_jf_mask", "old_absent_recall",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--anew", action="store_true", help="forget what an earlier, killed loop has done")
    options = parser.parse_args()
    plan = QUICK if options.quick else Plan()
    out = ROOT / ".maskloop" / ("loop-quick" if options.quick else "loop")
    if options.anew:
        shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    out.chmod(0o711)  # root's PostgreSQL runs as nobody and must pass through
    journal = Journal(out / "journal.json")
    begin = time.monotonic()
    with running_stack(out / "home") as stack:
        figures = loop(stack, journal, plan, rounds=options.rounds or plan.rounds)
    figures |= of_the_trainer(out, journal, plan)
    figures["minutes"] = journal.get("minutes", 0.0) + (time.monotonic() - begin) / 60
    tell(figures, out)
    (out / "journal.json").rename(out / "done.json")
    shutil.rmtree(out / "home", ignore_errors=True)


def loop(stack: Stack, journal: Journal, plan: Plan, *, rounds: int) -> dict[str, Any]:
    if "project" not in journal:
        with step("Making people and a project"):
            stack.add_people([people.OWNER, *people.ANNOTATORS, people.REVIEWER])
            journal.note(project=make_project(Person(stack.origin, people.OWNER), stack))
    project = journal["project"]
    owner = Person(stack.origin, people.OWNER)
    table = [_measured(stack, journal, plan, "bundled", {"round": 0})]
    for number in range(1, rounds + 1):
        row = Round(stack, journal, plan, project=project, number=number).run()
        table.append(_measured(stack, journal, plan, _champion(owner, project)["location"], row))
        say(line(table[-1]))
    others = [Person(stack.origin, name) for name in (*people.ANNOTATORS, people.REVIEWER)]
    with step("Attacking the gate"):
        refused = attacks.wrong_promotions(stack, project, owner, others)
    figures = figures_of(table) | refused | rollback.measure(stack, owner, project)
    return figures | without_people(journal, plan, owner, rounds=rounds, out=stack.home.root.parent / "arms")


def without_people(journal: Journal, plan: Plan, owner: Person, *, rounds: int, out: Path) -> dict[str, Any]:
    """The arms of automatic masklets; each trained once, also by a loop that was killed in between."""
    made = [
        clip
        for number in range(1, rounds + 1)
        for clip in footage.to_look_through(number, plan.automatic_clips, plan.size)
    ]
    if "arms" not in journal:
        judged = journal["automatic"]
        with step(f"Three retrainings on the automatic masklets of {len(made)} clips"):
            labels = {arm: arms.labelled(owner, made, judged, arm) for arm in arms.ARMS}
            found = arms.compare(
                labels, out, steps=plan.arm_steps, size=plan.size, test_clips=plan.test_clips
            )
            count = {f"arm_{arm}_masklets": arms.count(made, judged, arm) for arm in arms.ARMS}
        journal.note(arms=found | count)
    return dict(journal["arms"])


def _measured(
    stack: Stack, journal: Journal, plan: Plan, location: str, row: dict[str, Any]
) -> dict[str, Any]:
    """The row with what the champion can do after its round; the same champion is measured once."""
    known: dict[str, Any] = journal.get("measured", {})
    if location not in known:
        with step(f"Measuring the champion after round {row['round']}"):
            known[location] = measure(folder_of(stack, location), plan.size, plan.test_clips)
        journal.note(measured=known)
    return row | known[location]


def _champion(owner: Person, project: int) -> Any:
    return owner.get("/api/checkpoints/", project=project, status="active")["results"][0]


def of_the_trainer(out: Path, journal: Journal, plan: Plan) -> dict[str, Any]:
    with step(f"Killing a trainer {plan.kills} times"):
        (out / "killed").mkdir(exist_ok=True)
        found: dict[str, Any] = dict(kills.killed(out / "killed", plan.kills))
    with step(f"Simulating {plan.canaries} canaries of the same"):
        found["false_retreats"] = false_retreats(plan.canaries, masklets=200, share=0.2)
    return found


def figures_of(table: list[dict[str, Any]]) -> dict[str, Any]:
    before, after = table[0], table[-1]

    def loss(name: str) -> float | None:
        return None if before[name] is None or after[name] is None else before[name] - after[name]

    return {
        "jf_gain": after["new_jf_1_click"] - before["new_jf_1_click"],
        "effort_ratio": after["seconds_per_frame_simulated"] / before["seconds_per_frame_simulated"],
        "reached_before": before["reached"],
        "reached_after": after["reached"],
        "forgetting_jf": loss("old_jf_mask"),
        "forgetting_absent": loss("old_absent_recall"),
        "human_seconds_per_masklet": [row["human_seconds_per_masklet"] for row in table[1:]],
        "promoted": sum(row["passed"] for row in table[1:]),
        "table": table,
    }


def line(row: dict[str, Any]) -> str:
    return "  ".join(f"{name} {_number(row.get(name))}" for name in TABLE)


def _number(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "–"}[value]
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def tell(figures: dict[str, Any], out: Path) -> None:
    """A row a round in the manner of the paper's Tables 1 and 2, plots, and the last line."""
    table = figures.pop("table")
    width = max(map(len, TABLE))
    for name in TABLE:
        say(f"{name:{width}}" + "".join(f"{_number(row.get(name)):>10}" for row in table))
    x = [float(row["round"]) for row in table]
    curves = {
        "new look, 1 click": (x, [row["new_jf_1_click"] for row in table]),
        "old look, mask": (x, [row["old_jf_mask"] for row in table]),
    }
    plots.draw(out / "jf-by-round.svg", curves, x="round", y="J&F")
    if len(table) > 2:
        cost = {"people": (x[1:], [row["human_seconds_per_masklet"] for row in table[1:]])}
        plots.draw(out / "seconds-by-round.svg", cost, x="round", y="seconds of people a masklet")
    (out / "table.json").write_text(json.dumps(rounded(table), indent=1))
    (out / "figures.json").write_text(said := json.dumps(rounded(figures)))
    say(f"  Plots and the table lie in {out}.")
    print(said)


if __name__ == "__main__":
    main()
