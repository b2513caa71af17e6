"""python3 -m naru: see naru.cli."""

import sys

from naru.cli import main

sys.exit(main())
