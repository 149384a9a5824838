"""The command line: `jupyter copilot …`."""
