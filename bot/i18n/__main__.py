"""`python -m bot.i18n check|update`: the earlier name of `faultdesk catalogs`."""

import sys

from bot.i18n.catalogs import main

sys.exit(main(sys.argv[1:]))
