"""The worked transcript of the documentation, replayed against a real server."""
