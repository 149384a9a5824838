"""The connection that everything in this kernel shares."""

from __future__ import annotations

import functools
import os

from .connection import RoomConnection
from .environment import ServerAddress, server_address


def shared_connection() -> RoomConnection:
    """The kernel's connection, made at the first use, and anew after one that ended for good.

    Raises `ConnectionLost` where the server gave no access.
    """
    address = server_address()
    connection = _connection(address, os.getpid())
    if connection.is_stopped:
        connection.close()
        _connection.cache_clear()
        connection = _connection(address, os.getpid())
    return connection


@functools.cache
def _connection(address: ServerAddress, process: int) -> RoomConnection:
    """One for each process: a thread does not come along into a fork."""
    return RoomConnection(address)
