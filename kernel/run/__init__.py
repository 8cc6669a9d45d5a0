"""Running a service: its description, put together on ports, in a process that ends in order."""
