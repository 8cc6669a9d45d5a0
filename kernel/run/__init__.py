"""Running a service: its description, put together on ports, in a process that ends in order."""

import gc

# What is imported and put together stays to the end of the process: to look through it again and
# again for what may go took a sixth of a service's start.
gc.set_threshold(50_000, 20, 1_000)
