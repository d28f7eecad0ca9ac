"""``python -m thea_hook``."""

import sys

from thea_hook.cli import main

if __name__ == "__main__":
    sys.exit(main())
