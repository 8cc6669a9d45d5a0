"""`python -m services.facilitation`: the service as a process, set by its environment."""

from kernel.run.main import main
from services.facilitation.app import SERVICE

if __name__ == "__main__":
    main(SERVICE)
