"""What ten thousand followers of one stream server cost."""
