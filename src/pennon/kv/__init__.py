"""Key-value stores that keep datafiles: L2 on disk, L3 replicated."""
