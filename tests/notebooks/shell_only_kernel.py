"""A kernel that, as R's does, looks at the control channel only to shut down, and that echoes what it is given.

Run with a connection file; with `silent` after it, it broadcasts nothing but streams.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.session import Session

INFO = {
    "status": "ok",
    "protocol_version": "5.0",
    "implementation": "echo",
    "implementation_version": "1",
    "language_info": {"name": "echo", "version": "1", "mimetype": "text/plain", "file_extension": ".txt"},
    "banner": "",
}


def main(file: str, *options: str) -> None:
    conf = json.loads(Path(file).read_text())
    context: Any = zmq.Context()
    session = Session(key=conf["key"].encode(), signature_scheme=conf["signature_scheme"])

    def bind(kind: int, name: str) -> Any:
        socket = context.socket(kind)
        socket.bind(f"{conf['transport']}://{conf['ip']}:{conf[f'{name}_port']}")
        return socket

    shell, control = bind(zmq.ROUTER, "shell"), bind(zmq.ROUTER, "control")
    iopub, heart = bind(zmq.PUB, "iopub"), bind(zmq.REP, "hb")
    bind(zmq.ROUTER, "stdin")
    threading.Thread(target=beat, args=[heart], daemon=True).start()
    threading.Thread(target=end_when_told, args=[session, control], daemon=True).start()
    count = 0
    while True:
        idents, message = session.feed_identities(shell.recv_multipart())
        asked: dict[str, Any] = session.deserialize(message)
        if "silent" not in options:
            session.send(iopub, "status", {"execution_state": "busy"}, asked)
        if asked["msg_type"] == "kernel_info_request":
            session.send(shell, "kernel_info_reply", INFO, asked, ident=idents)
        elif asked["msg_type"] == "execute_request":
            count += 1
            code = asked["content"]["code"]
            if code.startswith("sleep "):
                time.sleep(float(code.split()[1]))
            session.send(iopub, "stream", {"name": "stdout", "text": code + "\n"}, asked)
            reply = {"status": "ok", "execution_count": count, "payload": [], "user_expressions": {}}
            session.send(shell, "execute_reply", reply, asked, ident=idents)
        if "silent" not in options:
            session.send(iopub, "status", {"execution_state": "idle"}, asked)


def beat(heart: Any) -> None:
    while True:
        heart.send(heart.recv())


def end_when_told(session: Session, control: Any) -> None:
    while True:
        idents, message = session.feed_identities(control.recv_multipart())
        asked: dict[str, Any] = session.deserialize(message)
        if asked["msg_type"] == "shutdown_request":
            session.send(control, "shutdown_reply", {"status": "ok", "restart": False}, asked, ident=idents)
            time.sleep(0.1)
            os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
