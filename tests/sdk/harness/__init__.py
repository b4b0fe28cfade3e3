"""What `tests/sdk/run` is made of."""
