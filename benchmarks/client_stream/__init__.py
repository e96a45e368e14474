"""What it costs to push evaluated answers to ten thousand pages."""
