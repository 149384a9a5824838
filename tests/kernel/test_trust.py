"""Which certificate a kernel accepts where its server is told to be elsewhere."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
import trustme

from jupyter_copilot.kernel.connection import RoomConnection, joined
from jupyter_copilot.kernel.environment import CERTIFICATE_VARIABLE, ServerAddress
from jupyter_copilot.kernel.trust import trust
from jupyter_copilot.protocol.errors import ConnectionLost

URL = "https://hub.example.org/user/alice/"
BEGIN, END = "-----BEGIN CERTIFICATE-----\n", "\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize("content", ["AAAA", "not base64", "Übung", "\n"])
def test_a_damaged_certificate_ends_the_connection_with_words_that_name_its_file(tmp_path: Path, content: str) -> None:
    file = tmp_path / "server.pem"
    file.write_text(BEGIN + content + END)
    connection = RoomConnection(ServerAddress(URL, "token", str(file)))
    with pytest.raises(ConnectionLost) as raised:
        connection.submit(joined).result(10)
    assert connection.is_stopped
    connection.close()
    assert raised.value.message == (f"This kernel does not trust the certificate of {URL}: {file} holds a damaged one.")
    assert CERTIFICATE_VARIABLE in raised.value.hint and raised.value.code == "no_server"


def test_a_whole_certificate_is_the_only_one_that_is_accepted(tmp_path: Path) -> None:
    file = tmp_path / "server.pem"
    trustme.CA().issue_cert("hub.example.org").private_key_and_cert_chain_pem.write_to_path(str(file))
    context = trust(ServerAddress(URL, "token", str(file)))
    assert context is not None and context.verify_mode == ssl.CERT_REQUIRED
    assert context.cert_store_stats()["x509"] == 1
