"""`python -m services.consent`: the service as a process, set by its environment."""

from kernel.run.main import main
from services.consent.app import SERVICE

if __name__ == "__main__":
    main(SERVICE)
