"""Run the command line with ``python -m phusong``."""

import sys

from phusong.cli import main

sys.exit(main())
