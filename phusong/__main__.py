"""Run the command line with ``python -m phusong``."""

import sys

from phusong.commands.cli import main

sys.exit(main())
