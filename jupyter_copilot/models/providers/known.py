"""The providers that people may choose from, each with its address."""

from __future__ import annotations

from msgspec import Struct


class Known(Struct, frozen=True, kw_only=True):
    """A provider: where it is asked, whether it wants a key, and models to begin with where it lists none."""

    id: str
    label: str
    base_url: str
    wants_key: bool = True
    note: str = ""


KNOWN = (
    Known(id="openai", label="OpenAI", base_url="https://api.openai.com/v1", note="platform.openai.com/api-keys"),
    Known(id="anthropic", label="Anthropic", base_url="https://api.anthropic.com/v1", note="console.anthropic.com"),
    Known(
        id="gemini",
        label="Google Gemini",
        base_url="https://generativelanguage.googleapis.com/v1beta/openai",
        note="aistudio.google.com/apikey",
    ),
    Known(id="mistral", label="Mistral", base_url="https://api.mistral.ai/v1", note="console.mistral.ai"),
    Known(id="openrouter", label="OpenRouter", base_url="https://openrouter.ai/api/v1", note="openrouter.ai/keys"),
    Known(
        id="azure",
        label="Azure OpenAI",
        base_url="https://NAME.openai.azure.com/openai/v1",
        note="The model is the name of your deployment.",
    ),
    Known(
        id="ollama",
        label="Ollama",
        base_url="http://127.0.0.1:11434/v1",
        wants_key=False,
        note="Start it with a context of at least 16,000 tokens: OLLAMA_CONTEXT_LENGTH=16000 ollama serve",
    ),
    Known(id="vllm", label="vLLM", base_url="http://127.0.0.1:8000/v1", wants_key=False),
    Known(id="lmstudio", label="LM Studio", base_url="http://127.0.0.1:1234/v1", wants_key=False),
    Known(
        id="other",
        label="Another one",
        base_url="",
        wants_key=False,
        note="Any server that speaks OpenAI’s Chat Completions.",
    ),
)
