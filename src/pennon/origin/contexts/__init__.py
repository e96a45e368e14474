"""A small sample of the contexts that were evaluated lately, where edges may tell of them."""
