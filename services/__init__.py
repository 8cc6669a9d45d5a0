"""The services, each on its own: they share only the kernel and the contracts."""
