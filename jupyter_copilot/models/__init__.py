"""Model access: the port, the tolerant assembler, and the adapter for OpenAI-compatible servers."""
