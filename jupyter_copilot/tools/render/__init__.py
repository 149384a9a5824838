"""Notebook content as text and pictures, for models and for people."""
