"""The notebook port and its adapters: the agent's hands."""
