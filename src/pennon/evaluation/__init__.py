"""Pure evaluation: a datafile compiled once, answers without I/O, clock or chance."""
