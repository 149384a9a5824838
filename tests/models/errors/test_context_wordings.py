# ruff: noqa: E501 - the words as they came
"""How servers say that a request is longer than the model can read, in their own words."""

from __future__ import annotations

import pytest

from jupyter_copilot.models.errors.error_classes import KINDS
from jupyter_copilot.models.errors.error_parser import complaint, context_limit

WORDINGS = [
    ("OpenAI", 400, {"message": "This model's maximum context length is 8192 tokens. However, your messages resulted in 9012 tokens. Please reduce the length of the messages.", "code": "context_length_exceeded"}, 8192),
    ("OpenAI", 400, {"message": "Your input exceeds the context window of this model. Please adjust your input and try again."}, None),
    ("OpenAI", 400, {"message": "Invalid 'messages[1].content': string too long. Expected a string with maximum length 1048576.", "code": "string_above_max_length"}, None),
    ("OpenAI", 429, {"message": "Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 45000.", "type": "tokens", "code": "rate_limit_exceeded"}, None),
    ("Azure", 400, {"message": "This model's maximum context length is 128000 tokens, however you requested 131071 tokens (123071 in your prompt; 8000 for the completion).", "code": None}, 128000),
    ("vLLM", 400, {"message": "This model's maximum context length is 4096 tokens. However, you requested 9000 tokens in the messages, Please reduce the length of the messages.", "object": "error"}, 4096),
    ("vLLM", 400, {"message": "The decoder prompt (length 9000) is longer than the maximum model length of 8192. Make sure that `max_model_len` is no smaller than the number of text tokens."}, None),
    ("vLLM", 400, {"message": "Input length (9000) exceeds model's maximum context length (8192)."}, 8192),
    ("llama.cpp", 400, {"message": "the request exceeds the available context size, try increasing it", "type": "exceed_context_size_error", "n_prompt_tokens": 9000, "n_ctx": 4096}, None),
    ("llama.cpp", 400, {"message": "request (9000 tokens) exceeds the available context size (4096 tokens), try increasing it"}, 4096),
    ("llama.cpp", 500, {"message": "input is too large to process. increase the physical batch size"}, None),
    ("Ollama", 400, {"error": "the input length exceeds the context length"}, None),
    ("Ollama", 400, {"error": "prompt too long; exceeded max context length by 904 tokens"}, None),
    ("Ollama", 500, {"message": "no user query found in messages"}, None),
    ("LM Studio", 400, {"error": "Trying to keep the first 9012 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough."}, 4096),
    ("LM Studio", 400, {"error": "The number of tokens to keep from the initial prompt is greater than the context length. Try to load the model with a larger context length."}, None),
    ("TGI", 422, {"error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 9000 `inputs` tokens and 512 `max_new_tokens`", "error_type": "validation"}, 4096),
    ("TGI", 422, {"error": "Input validation error: `inputs` must have less than 4095 tokens. Given: 9000"}, 4095),
    ("SGLang", 400, {"message": "The input (9000 tokens) is longer than the model's context length (8192 tokens)."}, 8192),
    ("SGLang", 400, {"message": "Requested token count exceeds the model's maximum context length of 8192 tokens. You requested a total of 9512 tokens"}, 8192),
    ("Mistral", 400, {"message": "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length", "type": "invalid_request_message"}, 32768),
    ("Groq", 413, {"message": "Request too large for model `llama-3.1-8b-instant` on tokens per minute (TPM): Limit 6000, Requested 9012, please reduce your message size and try again."}, None),
    ("Groq", 400, {"message": "Please reduce the length of the messages or completion.", "code": "context_length_exceeded"}, None),
    ("Together", 422, {"message": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000 `inputs` tokens and 512 `max_new_tokens`"}, 8193),
    ("DeepSeek", 400, {"message": "This model's maximum context length is 65536 tokens. However, you requested 70000 tokens (62000 in the messages, 8000 in the completion)."}, 65536),
    ("Anthropic", 400, {"message": "prompt is too long: 200001 tokens > 200000 maximum", "type": "invalid_request_error"}, 200000),
    ("Anthropic", 400, {"message": "input length and `max_tokens` exceed context limit: 198000 + 8192 > 200000, decrease input length or `max_tokens`"}, None),
    ("Anthropic", 413, {"message": "Request exceeds the maximum size", "type": "request_too_large"}, None),
    ("Gemini", 400, [{"error": {"message": "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).", "status": "INVALID_ARGUMENT"}}], 1048576),
    ("OpenRouter", 400, {"message": "This endpoint's maximum context length is 32768 tokens. However, you requested about 40000 tokens (40000 of text input)."}, 32768),
    ("LiteLLM", 400, {"message": "litellm.ContextWindowExceededError: litellm.BadRequestError: OpenAIException"}, None),
    ("Bedrock", 400, {"message": "Input is too long for requested model."}, None),
    ("Bedrock", 400, {"message": "Malformed input request: expected maxLength: 100000, actual: 200000, please reformat your input and try again."}, None),
    ("Cohere", 400, {"message": "too many tokens: total number of tokens in the prompt cannot exceed 4081"}, None),
    ("xAI", 400, {"error": "This model's maximum prompt length is 131072 but the request contains 200000 tokens."}, 131072),
    ("Fireworks", 400, {"message": "The prompt is too long: 9000, model maximum context length: 8191"}, 8191),
    ("Cerebras", 400, {"message": "Please reduce the length of the messages or completion. Current length is 9000 while limit is 8192"}, None),
    ("Moonshot", 400, {"message": "Invalid request: Your request exceeded model token limit: 8192"}, None),
    ("Zhipu", 400, {"message": "Prompt 超长", "code": "1261"}, None),
    ("DashScope", 400, {"message": "Range of input length should be [1, 30720]"}, None),
    ("GitHub", 413, {"message": "Request body too large for gpt-4o model. Max size: 8000 tokens.", "code": "tokens_limit_reached"}, 8000),
    ("watsonx", 400, {"message": "the number of input tokens 9000 cannot exceed the total tokens limit 8192 for this model"}, None),
    ("MiniMax", 400, {"message": "invalid params, context window exceeds limit (2013)"}, None),
]  # fmt: skip


@pytest.mark.parametrize(("server", "status", "body", "limit"), WORDINGS)
def test_every_servers_words_for_too_long_are_understood(
    server: str, status: int, body: object, limit: int | None
) -> None:
    said = complaint(status, body, {}, 0)
    assert next(kind.code for kind in KINDS if kind.fits(said)) == "context_too_long"
    named = context_limit(said)
    assert named == limit or limit is None


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "max_tokens is too large: 32768. This model supports at most 16384 completion tokens."),
        (429, "Rate limit reached for gpt-4o on tokens per min (TPM): Limit 30000, Used 29000, Requested 4000."),
        (429, "You exceeded your current quota, please check your plan and billing details."),
        (429, "Number of request tokens has exceeded your per-minute rate limit"),
        (400, "Invalid 'tools': array too long. Expected an array with maximum length 128."),
        (500, "The server had an error."),
    ],
)
def test_other_limits_are_not_taken_for_it(status: int, message: str) -> None:
    said = complaint(status, {"message": message}, {}, 0)
    assert next(kind.code for kind in KINDS if kind.fits(said)) != "context_too_long"
