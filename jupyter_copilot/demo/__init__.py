"""The demo: an example notebook, and a rule-based model behind a real OpenAI-compatible endpoint.

The model is no language model. It reads what any model gets (messages and tools), keeps nothing between requests, and
follows scripts: `conversation` (what was said) → `skills` (what to do about it) → `script` (where we are in it) →
`server` (the answer, streamed).
"""
