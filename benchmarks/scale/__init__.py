"""What ten thousand flags cost: to load, to hold, to ask for the first time, and to change."""
