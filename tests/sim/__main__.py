"""`python -m tests.sim <count> <first seed>`."""

import sys

from tests.sim.run import main

sys.exit(main(sys.argv[1:]))
