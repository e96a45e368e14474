"""History: every version of every flag and segment, and what can be done with them."""
