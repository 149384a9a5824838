"""Kernels as participants: how they start, who they are, and the doors that are theirs."""
