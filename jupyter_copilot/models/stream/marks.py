"""The marks that chat templates leave in an answer's text, and where they may stand."""

from __future__ import annotations

import re

THINK = (
    "<think>",
    "<think >",
    "<thinking>",
    "<thinking >",
    "<thought>",
    "<reasoning>",
    "<seed:think>",
    "[think]",
    "<|begin_of_thought|>",
    "◁think▷",
)
UNTHINK = tuple(mark.replace("begin_of", "end_of") if "begin" in mark else mark[0] + "/" + mark[1:] for mark in THINK)
HARMONY = ("<|start|>", "<|channel|>", "<|message|>")
CALL = (
    *("<tool_call>", "<tool_calls>", "<toolcall>", "<function_call>", "<function_calls>", "<tool_use>", "<tools>"),
    *("<function=", "<function name=", "<invoke name=", "<minimax:tool_call>"),
    *("[tool_calls]", "[tool_request]"),
    *("<|tool_call|>", "<|tool_call>", "<|tool_calls_section_begin|>", "<|tool_call_begin|>", "<|python_tag|>"),
    *("<|action_start|>", "<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>"),
)
END = ("<|im_end|>", "<|eot_id|>", "<|end|>", "<|return|>", "<|endoftext|>", "<|eom_id|>", "</s>", "<end_of_turn>")
MARKS = {
    mark: kind
    for kind, marks in (("think", THINK), ("unthink", UNTHINK), ("harmony", HARMONY), ("call", CALL), ("end", END))
    for mark in marks
}
LONGEST = max(map(len, MARKS))
INTEREST = re.compile(r"[\n`~<\[{◁]")
HEADER = re.compile(
    r"(?:<\|start\|>[\w ]*?(?P<to1>to=[\w.:-]+)?\s*)?"
    r"(?:<\|channel\|>\s*(?P<channel>analysis|commentary|final)\s*(?P<to2>to=[\w.:-]+)?[^<]{0,40})?"
    r"(?:<\|constrain\|>\s*\w+\s*)?<\|message\|>",
    re.IGNORECASE,
)
IN_HEADER = re.compile(r"(?:<(?:\|\w*\|?>?)?|[\w\s=.:-])*")
MAX_HEADER = 160
BODY_END = re.compile(r"<\|(?:end|return|call)\|>|(?=<\|(?:start|channel)\|>)")
LOOSE_HEAD = re.compile(
    r"""\s*(?:```+[ \t]*(?:json|tool_call|tool_code|tool)?[ \t]*\n\s*)?"""
    r"""(?:\[?\s*\{\s*["']?(?P<key>\w*)(?P<whole>["']?)|(?P<python>\[?[ \t]*(?:print\()?[A-Za-z_][\w.]*\())"""
)
HEAD_SO_FAR = re.compile(r"\s*(?:`+[ \t]*(?P<language>\w*)\s*)?\[?\s*\{?\s*[\"']?\w*")
KEYS = frozenset(
    ("name", "tool", "tool_name", "function", "function_name", "arguments", "parameters", "type", "id", "tool_calls")
)
AFTER_CALL = re.compile(r"\s*</?tool_(?:response|result|output)s?>", re.IGNORECASE)
UNDECIDED_CHARS = 48
WORD = re.compile(r"[\w.:]+")
GOES_ON = re.compile(r"\n```+[ \t]*\n\s*[^\s`]")
