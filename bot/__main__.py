"""`python -m bot` is the same as the console script `faultdesk`."""

from bot.cli import main

if __name__ == "__main__":
    main()
