"""HTTP that origin, connector and edge share."""
