"""The tools that come with the copilot."""
