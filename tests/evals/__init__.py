"""What the model reads, counted by a real tokenizer, and jobs played from the requests alone."""
