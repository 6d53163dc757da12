"""`python -m bot` is the same as the console script `faultdesk`."""

from bot.cli.main import main

if __name__ == "__main__":
    main()
