"""Lists, searches, history and changes of an origin that holds a great deal."""
