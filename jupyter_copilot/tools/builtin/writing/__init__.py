"""Tools that write files: what will be written is shown as a diff, and decided each time."""
