"""Ports on loopback: free ones for servers nobody types, and who holds the others."""

import random
import socket

import psutil

from deploy.local.errors import StackError

LOOPBACK = "127.0.0.1"
# Below the range from which systems hand out ports to outgoing connections, also with
# SeaweedFS's twin (port + 10000) added, so that a free port stays free until it is bound.
_RANGE = range(11_000, 22_000)
TWIN = 10_000


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` of the loopback address now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def pick(count: int) -> list[int]:
    """`count` different free ports, each with its twin free too."""
    found: list[int] = []
    for port in random.sample(_RANGE, len(_RANGE)):
        if len(found) == count:
            return found
        if is_free(port) and is_free(port + TWIN):
            found.append(port)
    raise StackError("No free ports are left on this machine: stop some programs and try again.")


def holder(port: int) -> str:
    """Who listens on `port`, as far as this user may know."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:
        return "another program"
    for connection in connections:
        address = connection.laddr
        listens = connection.status == psutil.CONN_LISTEN and getattr(address, "port", None) == port
        if listens and connection.pid:
            try:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
            except psutil.Error:
                break
    return "another program"


def require_free(port: int, *, variable: str) -> None:
    """Refuse a busy port in one sentence that names its holder and the way round it."""
    if not 0 < port < 65_536:
        raise StackError(f"{variable}={port} is no port: choose a number from 1 to 65535.")
    if not is_free(port):
        raise StackError(
            f"Port {port} is taken by {holder(port)}: stop it, "
            f"or choose another one with {variable}={port + 10} before the command."
        )
