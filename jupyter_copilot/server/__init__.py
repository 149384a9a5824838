"""The edge: the Jupyter server extension, its handlers, and who is at the other end."""
