"""The relay: one replica an environment, fed by one source, read by streams and evaluators."""
