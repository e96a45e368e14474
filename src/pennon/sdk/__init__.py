"""The Python SDK: an environment followed in one background thread, and evaluated in process."""
