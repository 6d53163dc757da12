"""Messages and views that are not about one case: home, lists, help, statistics, exports."""
