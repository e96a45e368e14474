"""Members of external segments: lists of up to ten million keys, beside what is published."""
