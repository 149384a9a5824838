"""Every fault that real model servers have shown, each as a script around the same answer.

`FAULTS` names them; `docs/model-servers.md` says how each ends. The builders beside it make variations.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from .replies import (
    DONE,
    USAGE,
    Call,
    Drop,
    JsonObject,
    Part,
    Raw,
    Reply,
    Stall,
    answer,
    call_chunks,
    chunk,
    data,
    deltas,
    ending,
    fragment,
    page,
    refusal,
    status,
    stream,
    tool_call,
    usage_chunk,
    words,
)

TEXT = "The mean of the column is 4.2."
CALLS: tuple[Call, Call] = (("read_cell", {"cell_id": "a1"}), ("run_cell", {"cell_id": "b2"}))
HOUR_S = 3600


def reject_param(name: str) -> list[Reply]:
    """Refuses a request with this parameter, and answers the one without."""
    message = f"Unsupported parameter: '{name}' is not supported with this model."
    return [
        refusal(400, message, param=name, code="unsupported_parameter").only(f'"{name}"'),
        answer(TEXT),
    ]


def reject(message: str, code: int = 400, when: str = "", then: Reply | None = None) -> list[Reply]:
    """Refuses a request that holds `when` in these words, and answers the next one."""
    return [refusal(code, message).only(when), then or answer(TEXT)]


# Faults in the stream


def calls_as(entries: Iterable[JsonObject], finish: str | None = "tool_calls") -> Reply:
    """Tool calls in exactly these fragments."""
    return stream(*map(tool_call, entries), *(ending(finish) if finish else [DONE]))


def _calls_with(index: Callable[[int], int | None], call_id: Callable[[int], str]) -> Reply:
    entries = []
    for n, (name, args) in enumerate(CALLS):
        raw = json.dumps(args)
        entries.append(fragment(index(n), call_id(n), name, raw[:5]))
        entries.append(fragment(index(n), None, None, raw[5:]))
    return calls_as(entries)


def extra_content(signature: str = "c2lnbmF0dXJl") -> Reply:
    """A call with Gemini's thought signature."""
    name, args = CALLS[1]
    more = {"extra_content": {"google": {"thought_signature": signature}}}
    return calls_as([fragment(0, "call_0", name, json.dumps(args), **more)])


def reasoning(key: str, also: str = "") -> Reply:
    """Reasoning under this key, and under another one too if given."""
    thoughts = [chunk({key: word, **({also: word} if also else {})}) for word in words("Let me look.")]
    return stream(*thoughts, *deltas(TEXT), *ending())


def _one_call(arguments: str | None, finish: str = "tool_calls", name: str = "run_cell") -> Reply:
    return calls_as([fragment(0, "call_0", name, arguments)], finish)


def _cumulative(parts: list[Part]) -> list[Part]:
    """Every chunk with the usage so far."""
    counted: list[Part] = []
    for n, part in enumerate(parts):
        body = json.loads(part.text.removeprefix("data: ")) if isinstance(part, Raw) else {}
        counted.append(data({**body, "usage": {"prompt_tokens": 120, "completion_tokens": n + 1}}))
    return counted


_IMAGE = "image_url"
_RAW_CALL = json.dumps(CALLS[1][1])
_ERROR = {"message": "The server had an error.", "type": "server_error"}

FAULTS: dict[str, Callable[[], list[Reply]]] = {
    # Tool calls
    "index_missing": lambda: [_calls_with(lambda n: None, lambda n: f"call_{n}")],
    "index_zero": lambda: [_calls_with(lambda n: 0, lambda n: f"call_{n}")],
    "empty_ids": lambda: [_calls_with(lambda n: n, lambda n: "")],
    "no_index_no_ids": lambda: [_calls_with(lambda n: None, lambda n: "")],
    "reused_ids": lambda: [_calls_with(lambda n: n, lambda n: "name:0")],
    "names_empty_later": lambda: [
        calls_as(
            fragment(n, f"call_{n}", name, piece)
            for n, (full, args) in enumerate(CALLS)
            for name, piece in ((full, ""), ("", json.dumps(args)))
        )
    ],
    "names_late": lambda: [
        calls_as(
            fragment(n, f"call_{n}", name, piece)
            for n, (full, args) in enumerate(CALLS)
            for name, piece in (("", ""), (full, json.dumps(args)))
        )
    ],
    "names_repeated": lambda: [
        calls_as(
            fragment(n, f"call_{n}", name, piece)
            for n, (name, args) in enumerate(CALLS)
            for piece in (json.dumps(args)[:5], json.dumps(args)[5:])
        )
    ],
    "args_in_one_chunk": lambda: [
        stream(
            chunk({"tool_calls": [fragment(n, f"call_{n}", f, json.dumps(a)) for n, (f, a) in enumerate(CALLS)]}),
            *ending("tool_calls"),
        )
    ],
    "args_as_object": lambda: [
        calls_as([{"index": 0, "id": "call_0", "function": {"name": "run_cell", "arguments": CALLS[1][1]}}])
    ],
    "args_missing": lambda: [_one_call(None)],
    "args_concatenated": lambda: [_one_call('{"cell_id": "a1"}{"cell_id": "b2"}')],
    "args_sent_twice": lambda: [_one_call(_RAW_CALL * 2)],
    "args_after_placeholder": lambda: [_one_call("{}" + _RAW_CALL)],
    "args_truncated": lambda: [_one_call('{"cell_id": "b', "length")],
    "args_truncated_said_whole": lambda: [_one_call('{"cell_id": "b', "tool_calls")],
    "args_not_json": lambda: [_one_call("run the cell b2")],
    "finish_stop_with_calls": lambda: [stream(*call_chunks(CALLS), *ending("stop"))],
    "empty_tool_calls": lambda: [stream(*(chunk({"content": w, "tool_calls": []}) for w in words(TEXT)), *ending())],
    "nameless_call": lambda: [stream(*deltas(TEXT), tool_call(fragment(0, "", "", "")), *ending())],
    "nameless_call_with_args": lambda: [_one_call(_RAW_CALL, name="")],
    "extra_content": lambda: [extra_content()],
    # Ends
    "clean_eof": lambda: [stream(*deltas(TEXT))],
    "done_without_finish": lambda: [stream(*deltas(TEXT), DONE)],
    "eof_mid_call": lambda: [stream(*call_chunks(CALLS)[:-1])],
    "eof_mid_call_with_usage": lambda: [stream(*call_chunks(CALLS)[:-1], usage_chunk(), DONE)],
    "eof_with_running_usage": lambda: [stream(*_cumulative(deltas(TEXT)))],
    "empty_stream": lambda: [stream()],
    "only_done": lambda: [stream(DONE)],
    "null_finish_with_usage": lambda: [stream(*deltas(TEXT), chunk({"content": ""}), usage_chunk(), DONE)],
    "gave_up": lambda: [stream(*deltas(TEXT), *ending("network_error"))],
    "tcp_drop": lambda: [stream(*deltas(TEXT), Drop())],
    "tcp_drop_at_once": lambda: [Reply(parts=[Drop()], headers={"X-Fault": "drop"})],
    "tcp_drop_after_finish": lambda: [stream(*deltas(TEXT), chunk({}, "stop"), Drop())],
    "stall": lambda: [stream(*deltas(TEXT), Stall())],
    "stall_at_once": lambda: [stream(Stall())],
    "stall_after_finish": lambda: [stream(*deltas(TEXT), chunk({}, "stop"), Stall())],
    # Odd chunks
    "error_in_stream": lambda: [stream(*deltas(TEXT), data({"error": _ERROR}))],
    "string_error_in_stream": lambda: [stream(*deltas(TEXT), data({"error": "The server had an error."}))],
    "overload_in_stream": lambda: [stream(*deltas(TEXT), data({"error": {"message": "Overloaded", "code": 529}}))],
    "garbage_line": lambda: [stream(*deltas(TEXT), data('{"choices": [{"del'), *ending())],
    "not_utf8": lambda: [stream(*deltas(TEXT), data("\udcff"), *ending())],
    "not_an_object": lambda: [stream(data([]), data("null"), data("7"), *deltas(TEXT), *ending())],
    "keepalive_comments": lambda: [
        stream(Raw(": PROCESSING\n\n"), *deltas(TEXT), Raw(": PROCESSING\n\n"), *ending()),
    ],
    "azure_empty_choices": lambda: [
        stream(chunk(choices=[], prompt_filter_results=[{"prompt_index": 0}]), *deltas(TEXT), *ending())
    ],
    "azure_no_delta": lambda: [
        stream(
            *deltas(TEXT),
            chunk({}, "stop"),
            chunk(choices=[{"index": 0, "finish_reason": None, "content_filter_offsets": {}}]),
            DONE,
        )
    ],
    "null_delta": lambda: [
        stream(chunk(choices=[{"index": 0, "delta": None}]), chunk(choices=None), *deltas(TEXT), *ending())
    ],
    "whole_json": lambda: [
        Reply(
            parts=[
                Raw(
                    json.dumps(
                        {
                            "choices": [{"index": 0, "message": {"content": TEXT}, "finish_reason": "stop"}],
                            "usage": USAGE,
                        }
                    )
                )
            ],
            content_type="application/json",
        )
    ],
    "refusal_text": lambda: [stream(*deltas(TEXT, "refusal"), *ending())],
    # Reasoning
    "reasoning_content": lambda: [reasoning("reasoning_content")],
    "reasoning": lambda: [reasoning("reasoning")],
    "reasoning_twice": lambda: [reasoning("reasoning", "reasoning_content")],
    "reasoning_with_content": lambda: [stream(chunk({"reasoning": "Let me look.", "content": TEXT}), *ending())],
    "answer_in_reasoning": lambda: [stream(*deltas(TEXT, "reasoning_content"), *ending())],
    # Usage
    "no_usage": lambda: [stream(*deltas(TEXT), chunk({}, "stop"), DONE)],
    "cumulative_usage": lambda: [stream(*_cumulative([*deltas(TEXT), chunk({}, "stop")]), DONE)],
    # Refusals of a parameter
    "reject_stream_options": lambda: reject_param("stream_options"),
    "reject_parallel_tool_calls": lambda: reject_param("parallel_tool_calls"),
    "reject_max_tokens": lambda: reject_param("max_tokens"),
    "reject_both_limits": lambda: [*reject_param("max_tokens")[:1], *reject_param("max_completion_tokens")],
    "reject_extra_inputs": lambda: reject(
        "[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options'), 'msg': 'Extra inputs are not permitted'}]",
        422,
        '"stream_options"',
    ),
    "reject_tools": lambda: reject("registry.ollama.ai/library/gemma:latest does not support tools", when='"tools"'),
    "reject_tools_500": lambda: reject("tools param requires --jinja flag", 500, '"tools"'),
    "reject_images": lambda: reject(
        "Invalid content type. image_url is only supported by certain models.", when=_IMAGE
    ),
    "reject_images_404": lambda: reject("No endpoints found that support image input", 404, _IMAGE),
    "reject_parts": lambda: reject("messages.1.content: Input should be a valid string", 422, _IMAGE),
    "reject_extra_content": lambda: reject(
        "Unknown parameter: 'messages[2].tool_calls[0].extra_content'.", when='"extra_content"'
    ),
    "reject_null_content": lambda: reject("Value is not callable: null at content", 500, '"content": null'),
    "wants_signatures": lambda: reject("Function call is missing a thought_signature in functionCall parts."),
    "wants_reasoning": lambda: reject("Missing `reasoning_content` field in the assistant message at index 2"),
    "reject_in_stream": lambda: [
        stream(data({"error": {"message": "Unknown parameter: stream_options", "code": 400}})).only('"stream_options"'),
        answer(TEXT),
    ],
    # Refusals for good, and for a while
    "wrong_key": lambda: [refusal(401, "Incorrect API key provided: test-key.", code="invalid_api_key")],
    "wrong_key_gemini": lambda: [
        status(400, [{"error": {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT"}}])
    ],
    "forbidden": lambda: [refusal(403, "This key may not use this model.")],
    "no_credit": lambda: [refusal(429, "You exceeded your current quota.", code="insufficient_quota")],
    "no_credit_402": lambda: [refusal(402, "Insufficient credits.")],
    "model_unknown": lambda: [refusal(404, "The model `test-model` does not exist.", code="model_not_found")],
    "model_not_pulled": lambda: [status(404, {"error": 'model "test-model" not found, try pulling it first'})],
    "wrong_url": lambda: [status(404, {"detail": "Not Found"})],
    "web_page": lambda: [page(200, "Welcome")],
    "context_too_long": lambda: [
        refusal(400, "This model's maximum context length is 8192 tokens.", code="context_length_exceeded")
    ],
    "content_filter": lambda: [refusal(400, "The response was filtered.", code="content_filter")],
    "grammar": lambda: reject("failed to parse grammar", when='"additionalProperties"'),
    "rate_limited": lambda: [status(429, retry_after=2)],
    "rate_limited_for_hours": lambda: [status(429, retry_after=6 * HOUR_S)],
    "rate_limited_until": lambda: [status(429, retry_after="Thu, 01 Jan 1970 00:01:00 GMT")],
    "rate_limited_ms": lambda: [status(429, **{"Retry-After-Ms": "1500"})],
    "list_error": lambda: [
        status(
            429,
            [
                {
                    "error": {
                        "code": 429,
                        "message": "You exceeded your current quota, please check your plan and billing details.",
                        "status": "RESOURCE_EXHAUSTED",
                        "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34s"}],
                    }
                }
            ],
        )
    ],
    "string_error": lambda: [status(400, {"error": "the request was refused"})],
    "overloaded": lambda: [refusal(503, "Loading model")],
    "gateway_timeout": lambda: [page(504, "504 Gateway Time-out")],
    "html_500": lambda: [page(500, "Internal Server Error")],
    "no_user_query": lambda: [refusal(500, "no user query found")],
}
