"""Descriptions of the wire protocol, made from the Python types."""
