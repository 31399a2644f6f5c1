from threading import Event, Thread

import pytest
from django.core.management import call_command

from engine import janitor


@pytest.fixture
def duties(monkeypatch: pytest.MonkeyPatch) -> dict[str, janitor.Duty]:
    found: dict[str, janitor.Duty] = {}
    monkeypatch.setattr(janitor, "DUTIES", found)
    monkeypatch.setattr(janitor, "SLOW_DUTIES", {})
    return found


def test_a_duty_that_fails_does_not_keep_the_others_from_being_done(duties: dict[str, janitor.Duty]) -> None:
    def fail() -> int:
        raise ConnectionError("the database is away")

    janitor.register("things that fail", fail)
    janitor.register("things that were set right", lambda: 3)
    assert janitor.make_round() == {"things that were set right": 3}


def test_it_makes_rounds_until_it_is_stopped(
    duties: dict[str, janitor.Duty], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(janitor, "ROUND_EVERY", 0.01)
    twice, stop, rounds = Event(), Event(), []

    def count() -> int:
        rounds.append(1)
        if len(rounds) == 2:
            twice.set()
        return 0

    janitor.register("rounds", count)
    thread = Thread(target=janitor.run_forever, args=(stop,))
    thread.start()
    assert twice.wait(10)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


def test_a_slow_duty_keeps_no_other_waiting(
    duties: dict[str, janitor.Duty], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(janitor, "ROUND_EVERY", 0.01)
    slow, quick, stop = Event(), Event(), Event()

    def wait_for_the_quick_one() -> int:
        slow.set()
        quick.wait(10)
        stop.set()
        return 0

    def go_on() -> int:
        if slow.is_set():
            quick.set()
        return 0

    janitor.register("slow ones", wait_for_the_quick_one, slow=True)
    janitor.register("quick ones", go_on)
    thread = Thread(target=janitor.run_forever, args=(stop,))
    thread.start()
    thread.join(10)
    assert quick.is_set()
    assert not thread.is_alive()


def test_every_room_has_its_duties() -> None:
    owners = {duty.__module__.split(".")[0] for duty in janitor.DUTIES.values()}
    assert owners == {"engine", "annotation", "verification", "worker"}


@pytest.mark.django_db
def test_one_round_by_hand_finds_nothing_to_do_in_an_empty_house() -> None:
    call_command("janitor", "--once")
