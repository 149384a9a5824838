"""Models without an administrator: known providers, what people keep of them, and a test in words."""
