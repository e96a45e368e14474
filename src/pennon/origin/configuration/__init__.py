"""A project as one document: taken out whole, and brought to what a document says."""
