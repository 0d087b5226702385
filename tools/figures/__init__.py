"""What one hall, or several together, came to, out of their data folders."""
