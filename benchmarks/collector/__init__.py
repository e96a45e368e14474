"""What counting evaluations costs."""
