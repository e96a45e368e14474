"""What an edge answers with one core, beside others."""
