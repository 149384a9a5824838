"""What a model server complains of, understood and told in words for people."""
