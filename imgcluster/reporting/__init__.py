"""Groups to look at without this program: a report as one HTML file, and sheets of small pictures to print."""
