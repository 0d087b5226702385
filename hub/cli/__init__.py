"""The hub's commands, a module for each concern. tools/cli.py has the list of them."""
