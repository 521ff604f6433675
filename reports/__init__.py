"""Evidence told to people: HTML reports and the command line."""
