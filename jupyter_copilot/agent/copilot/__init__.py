"""The copilot: our own agent, which calls a model and its tools in a loop."""
