"""`python -m rjhub`."""

from rjhub.cli import main

main()
