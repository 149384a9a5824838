"""The kernel's side: the shared panel, confirmations and questions from code. It runs in the kernel's environment."""
