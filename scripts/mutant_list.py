"""The important lines, each with a way to break it and the fast tests that must fail when it is broken."""

from __future__ import annotations

from typing import NamedTuple


class Mutant(NamedTuple):
    """`line` occurs once in `file`; with `becomes` in its place, one of `tests` must fail."""

    name: str
    file: str
    line: str
    becomes: str
    tests: str


ROOM = "jupyter_copilot/room"
COMMIT = """\
                records = await self._append(events, actor, now, command_id=command_id, pictures=pictures)
"""
MUTANTS = [
    Mutant(
        "broadcast before append, of a command",
        f"{ROOM}/room.py",
        COMMIT,
        "                self._publish([p.Record(seq=self.state.seq + 1, at=now, actor=actor, event=events[0])])\n"
        + COMMIT,
        "tests/room/test_commit.py",
    ),
    Mutant(
        "broadcast before append, of a fact",
        f"{ROOM}/room.py",
        "                    records = await self._append(events, actor, now, write_id=write_id, fence=fence)\n",
        "                    self._publish([p.Record(seq=self.state.seq + 1, at=now, actor=actor, event=events[0])])\n"
        "                    records = await self._append(events, actor, now, write_id=write_id, fence=fence)\n",
        "tests/room/test_commit.py",
    ),
    Mutant(
        "no shield around a commit",
        f"{ROOM}/room.py",
        "return await asyncio.shield(task)",
        "return await task",
        "tests/room/test_commit.py",
    ),
    Mutant(
        "no lock around the loading of a room",
        f"{ROOM}/registry.py",
        "        async with self._locks[room_id]:\n            if self._draining:",
        "        async with asyncio.Lock():\n            if self._draining:",
        "tests/room/test_registry.py",
    ),
    Mutant(
        "a server that stops takes one more room",
        f"{ROOM}/registry.py",
        "            if self._draining:",
        "            if False:",
        "tests/room/test_registry.py",
    ),
    Mutant(
        "a snapshot of another log is believed",
        f"{ROOM}/loading.py",
        "if state.log != head.log or state.seq > head.seq:",
        "if state.seq > head.seq:",
        "tests/room/test_commit.py",
    ),
    Mutant(
        "a snapshot from beyond the head is believed",
        f"{ROOM}/loading.py",
        "if state.log != head.log or state.seq > head.seq:",
        "if state.log != head.log:",
        "tests/room/test_commit.py",
    ),
    Mutant(
        "one failure ends the following of other processes",
        f"{ROOM}/loading.py",
        'room.supervisor.keep("following',
        'room.supervisor.once("following',
        "tests/room/test_transient_faults.py",
    ),
    Mutant(
        "one failure ends the expiry of confirmations",
        f"{ROOM}/expiry.py",
        'supervisor.keep("expiry"',
        'supervisor.once("expiry"',
        "tests/room/test_transient_faults.py",
    ),
    Mutant(
        "a background task fails in silence",
        f"{ROOM}/supervisor.py",
        "        if self._is_over():\n            return\n",
        "        return\n",
        "tests/room/test_supervisor.py",
    ),
    Mutant(
        "hello is answered twice",
        f"{ROOM}/session/session.py",
        "        self.life = AwaitingHello(said=True)\n",
        "",
        "tests/room/session/test_session.py",
    ),
    Mutant(
        "the outbox never falls back to a snapshot",
        f"{ROOM}/session/outbox.py",
        "        self._replace_batches(_SnapshotMark())",
        "        return",
        "tests/room/session/test_outbox.py",
    ),
    Mutant(
        "records are queued beside the snapshot that has them",
        f"{ROOM}/session/outbox.py",
        "        if not any(isinstance(entry, _SnapshotMark) for entry in self._waiting):\n",
        "        if True:\n",
        "tests/room/session/test_outbox.py",
    ),
    Mutant(
        "stdout merged with stderr, in the log",
        "jupyter_copilot/core/deltas.py",
        "        and a.kind == b.kind\n",
        "",
        "tests/core/test_deltas.py",
    ),
    Mutant(
        "stdout merged with stderr, in the state",
        "jupyter_copilot/core/reducer/calls.py",
        "(last.kind, last.cell_id) == (output.kind, output.cell_id)",
        "last.cell_id == output.cell_id",
        "tests/core/test_reducer.py",
    ),
    Mutant(
        "a state grows without end",
        f"{ROOM}/housekeeping.py",
        "await self._room.record(lambda state, now: prune_to(state, budget), actor=p.SERVER)",
        "await self._room.record(lambda state, now: [], actor=p.SERVER)",
        "tests/room/test_bounded.py",
    ),
    Mutant(
        "the replay buffer is not bounded in bytes",
        f"{ROOM}/replay.py",
        " or self._bytes > self._max_bytes:",
        ":",
        "tests/room/test_bounded.py",
    ),
    Mutant(
        "a clock that is set back refuses everybody",
        f"{ROOM}/session/rate_limit.py",
        "passed_s, self._at = max(0, now - self._at) / 1000, now",
        "passed_s, self._at = (now - self._at) / 1000, now",
        "tests/room/test_bounded.py",
    ),
    Mutant(
        "approving several at once approves what fetches or is dangerous",
        "jupyter_copilot/core/policy.py",
        "any(by_itself(state, each) for each in command.decisions)",
        "False",
        "tests/core/test_policy.py",
    ),
    Mutant(
        "a token decides where only browsers may",
        "jupyter_copilot/core/policy.py",
        'if isinstance(command, WIDENING_COMMANDS) and "decide" not in rights:',
        "if False:",
        "tests/core/test_policy.py",
    ),
    Mutant(
        "a kernel decides",
        "jupyter_copilot/core/policy.py",
        'return None if isinstance(command, KERNEL_COMMANDS) else "kernel"',
        "return None",
        "tests/core/test_policy.py",
    ),
    Mutant(
        "a rule lets in what fetches",
        "jupyter_copilot/core/permissions/judge.py",
        'firm = [*_of_terms(terms, asked, "ask"), *_fetching(asked)]',
        'firm = [*_of_terms(terms, asked, "ask")]',
        "tests/core/permissions/test_judge.py",
    ),
    Mutant(
        "a rule lets in what is dangerous",
        "jupyter_copilot/core/permissions/judge.py",
        "and (not _dangers(asked) or is_explicit(rule.scope, asked))",
        "",
        "tests/core/permissions/test_judge.py",
    ),
    Mutant(
        "an entity hides what fetches",
        "jupyter_copilot/core/fetching.py",
        "while len(variants) < 5 and",
        "while len(variants) < 1 and",
        "tests/core/test_fetching.py",
    ),
    Mutant(
        "a raw cell fetches unseen",
        "jupyter_copilot/core/fetching.py",
        'not (cell_type == "raw" and _DIRECTIVE.search(source))',
        "True",
        "tests/core/test_fetching.py",
    ),
    Mutant(
        "the order of characters is changed unseen",
        "jupyter_copilot/core/visible_text.py",
        '    if char in _BIDI:\n        return "bidi"\n',
        "",
        "tests/core/test_visible_text.py",
    ),
    Mutant(
        "code far below is not warned of",
        "jupyter_copilot/core/visible_text.py",
        'return Mark(start, end, f"⟨{found[\'lines\'].count(chr(10))} empty lines⟩\\n", "far")',
        'return Mark(start, end, found["lines"], None)',
        "tests/core/test_visible_text.py",
    ),
    Mutant(
        "a claim is ended under the client id of its claimant",
        "jupyter_copilot/core/decide/calls.py",
        "return claim.client_id == actor.client_id if claim.session is None else claim.session == actor.session",
        "return claim.client_id == actor.client_id",
        "tests/core/test_decide.py",
    ),
    Mutant(
        "a check that fails for ever keeps a connection in",
        "jupyter_copilot/server/connections.py",
        "        connection.cut()\n        return True\n",
        "        return False\n",
        "tests/server/test_connections.py",
    ),
    Mutant(
        "a line in a terminal poses as ours",
        "jupyter_copilot/cli/terminal.py",
        'return _shown(text).replace("\\n", "⟨U+000A⟩")',
        "return _shown(text)",
        "tests/cli/test_terminal.py",
    ),
    Mutant(
        "a terminal takes what others wrote for its own",
        "jupyter_copilot/cli/terminal.py",
        'return visible(text).replace(TAB, "→   ")',
        "return text",
        "tests/cli/test_terminal.py",
    ),
    Mutant(
        "a cell of the audit is a formula",
        "jupyter_copilot/server/audit_csv.py",
        'return f"{start[1]}\'{start[2]}" if begins_formula else start[0]',
        "return start[0]",
        "tests/room/test_audit.py",
    ),
    Mutant(
        "a file of secrets is read",
        "jupyter_copilot/tools/builtin/secret_files.py",
        "return any(name in _FOLDERS for name in names) or any(_is_secret_name(name) for name in names)",
        "return False",
        "tests/tools/builtin/test_secret_files.py",
    ),
    Mutant(
        "who posts without end pushes out others' pictures",
        "jupyter_copilot/storage/dropping.py",
        "((owner, _),) = shares.most_common(1)",
        "owner = next(name for name in reversed(held) if held[name])",
        "tests/storage/test_dropping.py",
    ),
    Mutant(
        "everybody waits behind a flood of pictures",
        f"{ROOM}/room.py",
        "async with self._with_pictures:",
        "async with asyncio.Lock():",
        "tests/room/test_bounded.py",
    ),
    Mutant(
        "answers that nobody reads are kept without end",
        "jupyter_copilot/server/transport.py",
        "        if self._bytes[reader] >= MOST_UNREAD_BYTES:\n",
        "        if False:\n",
        "tests/server/test_streams.py",
    ),
    Mutant(
        "a reader's document is believed",
        f"{ROOM}/session/session.py",
        "                if not self.visitor.may_show_documents:\n",
        "                if False:\n",
        "tests/room/test_trusted_tabs.py",
    ),
    Mutant(
        "what will run is shown by who may not run it",
        f"{ROOM}/tabs.py",
        " and right in self._tabs[key].rights",
        "",
        "tests/room/test_trusted_tabs.py",
    ),
    Mutant(
        "without a terminal a decision names no hash",
        "jupyter_copilot/cli/decide.py",
        "if confirmation_id is None or args_hash is None:",
        "if confirmation_id is None:",
        "tests/cli/test_commands.py",
    ),
    Mutant(
        "a decision at a terminal shows no card",
        "jupyter_copilot/cli/decide.py",
        "            print_card(terminal, opened, state)\n            if not await",
        "            if not await",
        "tests/cli/test_commands.py",
    ),
    Mutant(
        "a notebook behind a link out of the root has a room without a path",
        "jupyter_copilot/server/paths.py",
        "if not api_path or self._below_root(real) is not None:",
        "if True:",
        "tests/server/test_links.py",
    ),
    Mutant(
        "a machine's clock that is set is believed at once",
        "jupyter_copilot/ports/clock.py",
        "slewed = max(-SLEW * passed, min(SLEW * passed, behind))",
        "slewed = behind",
        "tests/ports/test_clock.py",
    ),
    Mutant(
        "a clock that is set decides when a confirmation expires",
        "jupyter_copilot/ports/clock.py",
        "slewed = max(-SLEW * passed, min(SLEW * passed, behind))",
        "slewed = behind ",
        "tests/room/test_expiry.py",
    ),
    Mutant(
        "who comes with a token is somebody else each time",
        "jupyter_copilot/server/sign_in.py",
        'return f"token-{hmac.new(self._secret, token.encode(), hashlib.sha256).hexdigest()[:16]}"',
        "return None",
        "tests/server/test_token_holder.py",
    ),
    Mutant(
        "odd digits are numbers",
        "jupyter_copilot/server/rest.py",
        "return int(text) if text.isascii() and text.isdigit()",
        "return int(text) if text.isdigit()",
        "tests/server/test_bodies.py",
    ),
    Mutant(
        "a body is taken whatever its length",
        "jupyter_copilot/server/rest.py",
        "if declared is None or declared > self.most_bytes:",
        "if declared is None:",
        "tests/server/test_bodies.py",
    ),
    Mutant(
        "a stranger's body is kept",
        "jupyter_copilot/server/rest.py",
        "        if self._keeps_body:\n",
        "        if True:\n",
        "tests/server/test_bodies.py",
    ),
    Mutant(
        "whoever comes has the store verified",
        "jupyter_copilot/server/rest.py",
        "if verify and not await may_administer(self, self.current_user):",
        "if False:",
        "tests/server/test_bodies.py",
    ),
    Mutant(
        "a full disk is told as any error",
        "jupyter_copilot/storage/sqlite/faults.py",
        '"The disk is full", "Free',
        '"The store failed", "Free',
        "tests/storage/test_sqlite_faults.py",
    ),
    Mutant(
        "what turns around by letters from right to left is not marked",
        "jupyter_copilot/core/visible_text.py",
        "        elif at in turning:\n",
        "        elif False:\n",
        "tests/core/test_visible_text.py",
    ),
    Mutant(
        "a role or shortcode fetches unseen",
        "jupyter_copilot/core/fetching.py",
        "        and _BEGINS_ROLE.search(text) is None\n",
        "",
        "tests/core/test_fetching.py",
    ),
    Mutant(
        "JSON in a terminal moves its cursor",
        "jupyter_copilot/cli/terminal.py",
        "return json.dumps(json.loads(p.encode(value)))",
        "return p.encode(value).decode()",
        "tests/cli/test_terminal.py",
    ),
]
