"""Foreign models and protocols, one folder each: what is read from others and said to them."""
