"""The tools that the agent acts with."""
