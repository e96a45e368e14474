"""What edges say of how often each flag served what: taken once, rolled up, shown."""
