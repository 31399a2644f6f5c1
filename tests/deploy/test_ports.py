import socket
from collections.abc import Iterator

import pytest

from deploy.local import ports
from deploy.local.errors import StackError


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as server:
        server.bind((ports.LOOPBACK, 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_busy_port_is_told_with_its_holder_and_the_way_round_it(taken: int) -> None:
    sentence = rf"Port {taken} is taken by .*process \d+.*WEB_PORT={taken + 10}"
    with pytest.raises(StackError, match=sentence):
        ports.require_free(taken, variable="WEB_PORT")


def test_a_number_that_is_no_port_is_told() -> None:
    with pytest.raises(StackError, match="STREAMS_PORT=70000 is no port"):
        ports.require_free(70_000, variable="STREAMS_PORT")


def test_picked_ports_are_different_and_free_with_their_twins() -> None:
    picked = ports.pick(20)
    assert len(set(picked)) == 20
    assert all(ports.is_free(port) and ports.is_free(port + ports.TWIN) for port in picked)
