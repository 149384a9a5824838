"""What a model is told: the transcript of a thread and the prompt made of it, with their sizes in tokens."""
