"""An answer's text, read as it streams: what is thinking in it, what is a tool call, and what is said to people.

Servers without a parser for a model's template leave its marks in the text: `<think>`, `<|channel|>`, `<tool_call>`,
`[TOOL_CALLS]` and their kin. Marks are marks only where a template puts them: what stands in a code block or between
backticks is text, thinking begins a line, and what looks like a call but is none, or calls no tool there is, is text.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import groupby

from ...ports.model import ReasoningPart, TextPart, ToolRequest
from .marks import (
    AFTER_CALL,
    BODY_END,
    CALL,
    END,
    GOES_ON,
    HARMONY,
    HEAD_SO_FAR,
    HEADER,
    IN_HEADER,
    INTEREST,
    KEYS,
    LONGEST,
    LOOSE_HEAD,
    MARKS,
    MAX_HEADER,
    UNDECIDED_CHARS,
    UNTHINK,
    WORD,
)
from .names import begins_name, tool_name
from .written_calls import cut_off_call, written_calls

Part = TextPart | ReasoningPart


class Markup:
    """Takes the text of one answer in pieces, as it comes; `tools` are those that it may call.

    `calls` holds what `finish` found. `closed_late` says that thinking ended that had never begun: the template began
    it, so this model's text begins in thought. `thought` counts the characters of text before that end.
    """

    def __init__(self, tools: Collection[str] = (), *, thinking: bool = False) -> None:
        self._tools = tools
        self._rest = ""
        self._parts: list[Part] = []
        self._said = False
        self._line = ""
        self._fence = ""
        self._ticks = ""
        self._read = self._thinking if thinking else self._text
        self._held_thinking = False
        self._after_thought = False
        self._looked_at = 0
        self._final = False
        self._channel = ""
        self._to = ""
        self._body = ""
        self.calls: list[ToolRequest] = []
        self._told = 0
        self.closed_late = False
        self.thought = 0

    def feed(self, text: str) -> list[Part]:
        """What this piece adds, as far as it is certain."""
        self._rest += text
        while self._rest and self._read():
            pass
        return self._taken()

    def finish(self) -> list[Part]:
        """What was held back until the end; `calls` are complete then."""
        self._final = True
        while self._rest and self._read():
            pass
        if self._to and self._body:
            self._call_of_harmony()
        return self._taken()

    def _taken(self) -> list[Part]:
        parts, self._parts = self._parts, []
        return [kind("".join(part.text for part in some)) for kind, some in groupby(parts, type)]

    # What is said

    def _say(self, text: str) -> None:
        if self._after_thought:
            text = text.lstrip()
        if not text:
            return
        self._after_thought = False
        self._said = self._said or bool(text.strip())
        self._parts.append(TextPart(text))
        self._told += len(text)
        _, newline, last = text.rpartition("\n")
        self._line = last if newline else self._line + last

    def _think(self, text: str) -> None:
        if text:
            self._parts.append(ReasoningPart(text))

    def _say_up_to(self, end: int) -> None:
        text, self._rest = self._rest[:end], self._rest[end:]
        self._say(text)

    @property
    def _at_line_start(self) -> bool:
        return not self._line.strip() and len(self._line) < 4 and "\t" not in self._line

    # Text: each reader takes something off the rest and says whether it got on

    def _text(self) -> bool:
        found = INTEREST.search(self._rest)
        if found is None:
            self._say_up_to(len(self._rest))
            return False
        if found.start():
            self._say_up_to(found.start())
            return True
        char = self._rest[0]
        if char == "\n":
            self._ticks = ""
            self._say_up_to(1)
            self._line = ""
            return True
        if char in "`~":
            return self._backticks(char)
        if self._fence or self._ticks:
            self._say_up_to(1)
            return True
        return self._mark(char)

    def _backticks(self, char: str) -> bool:
        run = len(self._rest) - len(self._rest.lstrip(char))
        if run == len(self._rest) and not self._final:
            return False
        marks = char * run
        if self._at_line_start and run >= 3:
            if not self._fence and self._may_be_call():
                self._read = self._loose_call
                return True
            self._fence = marks if not self._fence else "" if marks.startswith(self._fence) else self._fence
        elif char == "`" and not self._fence:
            self._ticks = marks if not self._ticks else "" if marks == self._ticks else self._ticks
        self._say_up_to(run)
        return True

    def _mark(self, char: str) -> bool:
        head = self._rest[:LONGEST].lower()
        mark = next((mark for mark in MARKS if head.startswith(mark)), None)
        if mark in UNTHINK and not self._rest[len(mark) :].strip(" \t") and not self._final:
            return False
        if mark is not None and self._enter(mark):
            return True
        if mark is None and not self._final and any(each.startswith(head) for each in MARKS):
            return False
        if mark is None and char in "{[" and not self._said and self._may_be_call():
            self._read = self._loose_call
            return True
        self._say_up_to(1)
        return True

    def _enter(self, mark: str) -> bool:
        match MARKS[mark]:
            case "think" if self._at_line_start:
                self._rest, self._held_thinking = self._rest[len(mark) :], self._said
                self._read, self._body = self._thinking, ""
            case "unthink" if not self.closed_late and self._ends_thought(mark):
                self.closed_late = self._said
                self.thought = self._told if self._said else 0
                self._rest, self._after_thought = self._rest[len(mark) :], True
            case "harmony":
                self._read = self._header
            case "call" if self._tools:
                self._read = self._tagged_call if self._at_line_start else self._loose_call
            case "end":
                self._read = self._end
            case _:
                return False
        return True

    def _ends_thought(self, mark: str) -> bool:
        """Whether this is where thinking ends, and no word about such marks."""
        after = self._rest[len(mark) :]
        return after.lstrip(" \t")[:1] in ("", "\n") or (self._at_line_start and after[0] not in " \t.,;:)'\"")

    def _release(self) -> bool:
        """It is no mark: say its first character, and go on behind it."""
        self._read, self._looked_at = self._text, 0
        if self._rest[0] in "`~":
            run = len(self._rest) - len(self._rest.lstrip(self._rest[0]))
            self._fence = self._rest[:run]
            self._say_up_to(run)
        else:
            self._say_up_to(1)
        return True

    # Thinking

    def _thinking(self) -> bool:
        found = min((at for mark in UNTHINK if (at := self._rest.lower().find(mark)) >= 0), default=None)
        if found is None:
            return self._thinking_on()
        mark = next(mark for mark in UNTHINK if self._rest[found:].lower().startswith(mark))
        self._think(self._rest[:found].strip() if self._held_thinking else self._thought(found).rstrip())
        self._rest = self._rest[found + len(mark) :]
        self._after_thought = True
        self._read, self._line = self._text, ""
        return True

    def _thinking_on(self) -> bool:
        """Thinking that has not ended: told as it comes; where it began amid the text, once it has ended."""
        if self._held_thinking:
            if self._final:
                self._read, self._held_thinking = self._text, False
                self._say("<think>")
                return True
            return False
        keep = 0 if self._final else _possible_end(self._rest)
        self._think(self._thought(len(self._rest) - keep))
        self._rest = self._rest[len(self._rest) - keep :]
        return False

    def _thought(self, end: int) -> str:
        thought = self._rest[:end]
        if not self._body:
            thought = thought.lstrip()
            self._body = thought[:1]
        return thought

    # Calls

    def _may_be_call(self) -> bool:
        """Whether the rest may be a call without marks of its own; undecided counts as yes, until there is more."""
        if not self._tools:
            return False
        head = LOOSE_HEAD.match(self._rest)
        if head is None:
            return len(self._rest) < UNDECIDED_CHARS and not self._final and _is_head(self._rest)
        if head["python"]:
            name = head["python"].strip("[( \t").removeprefix("print(")
            return name.rpartition(".")[2] in self._tools
        if head["key"] is not None and (head["whole"] or head.end() < len(self._rest)):
            return head["key"] in KEYS
        return any(key.startswith(head["key"] or "") for key in KEYS)

    def _tagged_call(self) -> bool:
        if not self._opens_call():
            return self._release()
        if not self._final:
            return False
        calls, rest = written_calls(self._rest, self._tools)
        if not calls:
            broken = cut_off_call(self._rest, self._tools)
            if broken is None:
                return self._release()
            calls, rest = [broken], ""
        self._take(calls, rest)
        return True

    def _loose_call(self) -> bool:
        """A call that only the end of the answer shows to be one: what is followed by more text is an example."""
        marked = any(self._rest.lower().startswith(mark) for mark in CALL)
        if not (self._opens_call() if marked else self._may_be_call() and not self._goes_on_after_fence()):
            return self._release()
        if not self._final:
            return False
        calls, rest = written_calls(self._rest, self._tools)
        if not calls or (rest.strip("`~ \n\t\r") and not AFTER_CALL.match(rest)):
            return self._release()
        self._take(calls, "")
        return True

    def _opens_call(self) -> bool:
        """Whether what stands behind the mark may be a call."""
        mark = next(mark for mark in CALL if self._rest.lower().startswith(mark))
        body = self._rest[len(mark) :].lstrip()
        word = WORD.match(body)
        if mark.endswith("=") or not body or body[0] in "{[<`":
            return True
        return word is not None and (
            begins_name(word[0], self._tools) or tool_name(word[0], self._tools) in self._tools
        )

    def _goes_on_after_fence(self) -> bool:
        """Whether other text follows a closed fence; each character is looked at a few times only."""
        looked_at, self._looked_at = self._looked_at, len(self._rest)
        return bool(GOES_ON.search(self._rest, max(1, looked_at - UNDECIDED_CHARS)))

    def _take(self, calls: list[ToolRequest], rest: str) -> None:
        self.calls += calls
        self._rest = "" if AFTER_CALL.match(rest) else rest
        self._read, self._line = self._text, ""

    # Harmony, the template of gpt-oss

    def _header(self) -> bool:
        header = HEADER.match(self._rest)
        if header is None:
            goes_on = IN_HEADER.fullmatch(self._rest) and len(self._rest) < MAX_HEADER and not self._final
            return False if goes_on else self._release()
        self._rest = self._rest[header.end() :]
        self._channel = (header["channel"] or "final").lower()
        self._to = (header["to2"] or header["to1"] or "").removeprefix("to=")
        self._read, self._body = self._message, ""
        return True

    def _message(self) -> bool:
        end = BODY_END.search(self._rest)
        keep = 0 if self._final or end else _possible_special(self._rest)
        body = self._rest[: end.start() if end else len(self._rest) - keep]
        self._rest = self._rest[end.end() if end else len(self._rest) - keep :]
        if self._to:
            self._body += body
        elif self._channel == "analysis":
            self._think(body)
        else:
            self._say(body)
        if end is None:
            return False
        if self._to:
            self._call_of_harmony()
        self._read, self._line = self._text, ""
        return True

    def _call_of_harmony(self) -> None:
        calls, _ = written_calls(f"{self._to} {self._body}", self._tools)
        self._say("" if calls else self._body)
        self.calls += calls
        self._to = self._body = ""

    # The end

    def _end(self) -> bool:
        """A mark that ends an answer is dropped where it does; elsewhere it is text."""
        rest = self._rest
        while mark := next((mark for mark in END if rest.lower().startswith(mark)), None):
            rest = rest[len(mark) :].lstrip()
        if rest.lower().startswith(HARMONY):
            self._rest, self._read = rest, self._header
            return True
        if rest and not any(mark.startswith(rest.lower()) for mark in (*END, *HARMONY)):
            return self._release()
        if self._final:
            self._rest = ""
        return False


def _is_head(text: str) -> bool:
    """Whether a short text may go on to what begins a call without marks."""
    head = HEAD_SO_FAR.fullmatch(text)
    return head is not None and any(
        each.startswith(head["language"] or "") for each in ("json", "tool_call", "tool_code")
    )


def _possible_end(text: str) -> int:
    """How many characters at the end may begin a mark that ends thinking; white space before it goes with it."""
    tail = next(
        (n for n in range(min(LONGEST, len(text)), 0, -1) if any(m.startswith(text[-n:].lower()) for m in UNTHINK)), 0
    )
    return len(text) - len(text[: len(text) - tail].rstrip())


def _possible_special(text: str) -> int:
    at = text.rfind("<", max(0, len(text) - 12))
    return len(text) - at if at >= 0 and "<|".startswith(text[at : at + 2]) and ">" not in text[at:] else 0
