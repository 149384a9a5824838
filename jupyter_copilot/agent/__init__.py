"""The run engine: it drives runs, one model call after another, and what their calls do to the notebook."""
