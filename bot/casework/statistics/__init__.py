"""The measures of process.md §5 and the monthly report made from them."""
