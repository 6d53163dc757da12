"""`python -m bot.i18n check` and `python -m bot.i18n update`."""

import sys

from bot.i18n.catalogs import main

sys.exit(main(sys.argv[1:]))
