"""Views beside the cases: home, lists, help, statistics, exports."""
