"""`python -m pennon.cli` is the `pennon` command."""

from pennon.cli import main

main()
