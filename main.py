"""Start reluviz from a checkout; the same as the command `reluviz`."""

import sys

from reluviz.cli import main

if __name__ == "__main__":
    sys.exit(main())
