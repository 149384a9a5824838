"""An agent without a model, which speaks the Agent Client Protocol and does what a prompt says, line by line.

Run as a script, it needs nothing but Python. The last line of the prompt is what it does, parts separated by `;`:
`say TEXT`, `think TEXT`, `plan A,B`, `ask KIND TITLE`, `asked-write PATH`, `unasked KIND TITLE`, `unasked-write PATH`,
`slow KIND TITLE` (begins unasked, never ends), `call TOOL JSON` (a tool of the notebook), `choose`, `form`, `mode ID`,
`flood N`, `hang`, `die`, `stop REASON`, `recall`, `told`, `environ`, `fs`, `askwhilerunning TITLE`.

Options: `--modes A,B`, `--mode A` (the first), `--protocol N`, `--auth`, `--hang`, `--no-resume`, `--no-load`,
`--store FILE` (sessions that outlive it), `--effects FILE` (what it was let to do), `--child` (leaves a child behind),
`--deaf` (does not hear that it shall stop).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

OPTIONS = [
    {"optionId": "a", "name": "Always allow", "kind": "allow_always"},
    {"optionId": "y", "name": "Allow", "kind": "allow_once"},
    {"optionId": "n", "name": "Reject", "kind": "reject_once"},
]


def arguments() -> Any:
    """The options."""
    parser = ArgumentParser()
    parser.add_argument("--modes", default="ask,auto")
    parser.add_argument("--mode", default="auto")
    parser.add_argument("--protocol", type=int, default=1)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--effects", type=Path)
    for flag in ("auth", "hang", "no-resume", "no-load", "child", "deaf"):
        parser.add_argument(f"--{flag}", action="store_true")
    return parser.parse_args()


class Agent:
    """Reads requests in its main thread, and answers a prompt in another one."""

    def __init__(self, options: Any) -> None:
        self.options = options
        self.session = ""
        self.servers: list[dict[str, Any]] = []
        self.mode = options.mode
        self.cancelled = threading.Event()
        self._kept: dict[str, list[str]] = {}
        self._lock = threading.Lock()
        self._count = 0
        self._answers: dict[int, dict[str, Any]] = {}
        self._answered = threading.Condition()

    # The wire

    def send(self, **message: Any) -> None:
        """One message."""
        with self._lock:
            sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
            sys.stdout.flush()

    def update(self, type: str, /, **fields: Any) -> None:
        """An update of the session."""
        update = {"sessionUpdate": type, **fields}
        self.send(method="session/update", params={"sessionId": self.session, "update": update})

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """What the client answers."""
        with self._lock:
            self._count += 1
            id = self._count
        self.send(id=id, method=method, params={"sessionId": self.session, **params})
        with self._answered:
            while id not in self._answers:
                self._answered.wait()
            return self._answers.pop(id)

    def serve(self) -> None:
        """Take what the client says until it is gone."""
        for line in sys.stdin:
            message = json.loads(line)
            if "method" not in message:
                with self._answered:
                    self._answers[message["id"]] = message
                    self._answered.notify_all()
            elif message["method"] == "session/cancel":
                if not self.options.deaf:
                    self.cancelled.set()
            elif message["method"] == "session/prompt":
                threading.Thread(target=self.prompt, args=(message["id"], message["params"]), daemon=True).start()
            else:
                self.take(message["id"], message["method"], message["params"])

    def take(self, id: int, method: str, params: dict[str, Any]) -> None:
        """Answer what begins a session."""
        options = self.options
        if method == "initialize":
            while options.hang:
                time.sleep(1)
            capabilities = {
                "loadSession": not options.no_load,
                "promptCapabilities": {"image": True},
                "mcpCapabilities": {"http": True},
                "sessionCapabilities": {} if options.no_resume else {"resume": {}},
            }
            info = {"name": "fake", "version": "1.0"}
            result = {"protocolVersion": options.protocol, "agentCapabilities": capabilities, "agentInfo": info}
            self.send(id=id, result=result)
        elif method == "session/new" and options.auth:
            self.send(id=id, error={"code": -32000, "message": "Please sign in"})
        elif method in ("session/new", "session/resume", "session/load"):
            self.open(id, method, params)
        elif method == "session/set_mode":
            self.mode = params["modeId"]
            self.send(id=id, result={})
        else:
            self.send(id=id, error={"code": -32601, "message": f"no {method}"})

    def open(self, id: int, method: str, params: dict[str, Any]) -> None:
        """Open a session, which goes on where it was when it is known."""
        stored = self.stored()
        if method != "session/new" and params["sessionId"] not in stored:
            self.send(id=id, error={"code": -32002, "message": "no such session"})
            return
        self.session = params.get("sessionId") or f"s{os.getpid()}"
        self.servers = params["mcpServers"]
        self.confined = bool(params.get("_meta"))
        if method == "session/load":
            self.update("agent_message_chunk", content={"type": "text", "text": "an old answer"})
        self.store({**stored, self.session: stored.get(self.session, [])})
        modes = [{"id": mode, "name": mode} for mode in self.options.modes.split(",") if mode]
        told = {"modes": {"currentModeId": self.mode, "availableModes": modes}} if modes else {}
        self.send(id=id, result={"sessionId": self.session, **told})

    def stored(self) -> dict[str, list[str]]:
        """What each session was asked."""
        store = self.options.store
        return json.loads(store.read_text()) if store is not None and store.exists() else dict(self._kept)

    def store(self, sessions: dict[str, list[str]]) -> None:
        """Keep it."""
        self._kept = sessions
        if self.options.store is not None:
            self.options.store.write_text(json.dumps(sessions))

    # A prompt

    def prompt(self, id: int, params: dict[str, Any]) -> None:
        """Do what the prompt says, part by part."""
        self.cancelled.clear()
        text = params["prompt"][-1].get("text", "")
        self.told = "\n".join(block.get("text", "") for block in params["prompt"])
        line = text.strip().splitlines()[-1].partition(": ")[2]
        stored = self.stored()
        self.asked = stored.get(self.session, [])
        self.store({**stored, self.session: [*self.asked, line]})
        reason = "end_turn"
        for part in line.split(";"):
            verb, _, rest = part.strip().partition(" ")
            if verb == "stop":
                reason = rest
            elif not self.do(verb, rest):
                reason = "cancelled"
                break
        usage = {"inputTokens": 20, "outputTokens": 10, "totalTokens": 30}
        self.send(id=id, result={"stopReason": reason, "usage": usage})

    def do(self, verb: str, rest: str) -> bool:
        """Do one part; whether to go on."""
        handler = getattr(self, "do_" + verb.replace("-", "_"), None)
        if handler is None:
            self.say(f"I do not know {verb!r}.")
        else:
            handler(rest)
        return not self.cancelled.is_set()

    def say(self, text: str) -> None:
        """Say something."""
        self.update("agent_message_chunk", content={"type": "text", "text": text})

    do_say = say

    def do_think(self, text: str) -> None:
        self.update("agent_thought_chunk", content={"type": "text", "text": text})

    def do_plan(self, text: str) -> None:
        entries = [{"content": part, "status": "pending", "priority": "medium"} for part in text.split(",")]
        self.update("plan", entries=entries)

    def do_mode(self, mode: str) -> None:
        self.update("current_mode_update", currentModeId=mode)
        self.do_hang("")

    def do_flood(self, count: str) -> None:
        for _ in range(int(count)):
            self.say("x" * 10_000)

    def do_recall(self, _: str) -> None:
        self.say("I remember: " + ", ".join(self.asked))

    def do_told(self, _: str) -> None:
        self.say("I was told: " + self.told)

    def do_environ(self, _: str) -> None:
        self.say("I have " + " ".join(sorted(os.environ)) + " in " + os.getcwd() + f" confined {self.confined}")

    def do_fs(self, _: str) -> None:
        self.say(json.dumps(self.ask("fs/read_text_file", path="/etc/passwd")))

    def do_hang(self, _: str) -> None:
        self.cancelled.wait()

    def do_die(self, _: str) -> None:
        os._exit(3)

    def do_ask(self, rest: str) -> None:
        kind, _, title = rest.partition(" ")
        self.permitted(kind, title, {"command": title})

    def do_asked_write(self, path: str) -> None:
        self.permitted("edit", f"Write {path}", {"file_path": path, "content": "x"}, path)

    def permitted(self, kind: str, title: str, raw: dict[str, Any], path: str = "") -> None:
        """Begin a call, ask, and do it when that is allowed."""
        call = self.begin(kind, title)
        content = [{"type": "diff", "path": path, "oldText": "a\n", "newText": "b\n"}] if path else []
        told = {"toolCallId": call, "title": title, "kind": kind, "rawInput": raw, "content": content}
        answer = self.ask("session/request_permission", toolCall=told, options=OPTIONS)["result"]["outcome"]
        if answer.get("optionId") == "y":
            self.effect(title)
            self.finish(call, f"did {title}")
        else:
            self.update("tool_call_update", toolCallId=call, status="failed")
            self.say(f"not allowed: {answer.get('optionId', answer['outcome'])}")

    def begin(self, kind: str, title: str, status: str = "pending") -> str:
        """Tell of a call."""
        self._count += 1
        call = f"t{self._count}"
        self.update("tool_call", toolCallId=call, title=title, kind=kind, status=status, rawInput={})
        return call

    def finish(self, call: str, text: str) -> None:
        """Tell of its result."""
        content = [{"type": "content", "content": {"type": "text", "text": text}}]
        self.update("tool_call_update", toolCallId=call, status="completed", content=content)

    def effect(self, title: str) -> None:
        """Leave a mark that can be counted."""
        if self.options.effects is not None:
            with self.options.effects.open("a") as file:
                file.write(f"{title}\n")

    def do_unasked(self, rest: str) -> None:
        kind, _, title = rest.partition(" ")
        call = self.begin(kind, title, "in_progress")
        self.effect(title)
        self.finish(call, f"did {title}")

    def do_slow(self, rest: str) -> None:
        kind, _, title = rest.partition(" ")
        self.begin(kind, title, "in_progress")

    def do_unasked_write(self, path: str) -> None:
        call = self.begin("edit", f"Write {path}")
        self.update("tool_call_update", toolCallId=call, status="in_progress", rawInput={"file_path": path})
        self.do_hang("")

    def do_askwhilerunning(self, title: str) -> None:
        call = self.begin("execute", title, "in_progress")
        time.sleep(1.0)
        told = {"toolCallId": call, "title": title, "rawInput": {"command": title}}
        answer = self.ask("session/request_permission", toolCall=told, options=OPTIONS)["result"]["outcome"]
        if answer.get("optionId") == "y":
            self.finish(call, f"did {title}")

    def do_choose(self, _: str) -> None:
        options = [{"optionId": "p", "name": "Plan more", "kind": "plan_more"}, OPTIONS[0]]
        call = {"toolCallId": "choice", "title": "Which way?"}
        answer = self.ask("session/request_permission", toolCall=call, options=options)["result"]["outcome"]
        self.say(f"chosen: {answer.get('optionId', answer['outcome'])}")

    def do_form(self, _: str) -> None:
        schema = {"type": "object", "properties": {"year": {"type": "integer"}}, "required": ["year"]}
        answer = self.ask("elicitation/create", mode="form", message="Which year?", requestedSchema=schema)
        self.say(json.dumps(answer.get("result")))

    def do_call(self, rest: str) -> None:
        name, _, args = rest.partition(" ")
        server = self.servers[0]
        told = {"toolCallId": f"mcp__{server['name']}__{name}", "title": name, "kind": "other", "rawInput": {}}
        answer = self.ask("session/request_permission", toolCall=told, options=OPTIONS)["result"]["outcome"]
        if answer.get("optionId") != "y":
            self.say("our own tool was refused")
            return
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                "params": {"name": name, "arguments": json.loads(args or "{}")}}  # fmt: skip
        headers = {header["name"]: header["value"] for header in server["headers"]}
        headers |= {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        request = urllib.request.Request(server["url"], json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=60) as response:
            text = response.read().decode().rstrip().rpartition("data: ")[2]
        self.say(json.loads(text)["result"]["content"][0]["text"])


def main() -> None:
    """Serve until the client is gone."""
    options = arguments()
    if options.child:
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        print(f"child {child.pid}", file=sys.stderr, flush=True)
    Agent(options).serve()


if __name__ == "__main__":
    main()
