"""Which published item needs which, so that nothing is archived while something needs it."""
