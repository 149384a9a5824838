"""Telling people who are not looking: channels, the herald of each room, and the inbox over all of them."""
