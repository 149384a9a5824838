"""A streamed answer, put together from whatever chunks the server sends."""
