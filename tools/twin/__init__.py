"""The twin: a page with every virtual device of a demo, with the very pixels that its firmware drew, and its keys.

    views   the stage as JSON: pure
    feed    what changed since a page was last told, bounded however slow the page is
    app     the routes, and who may ask them: this machine's own browser only
    server  serves it on loopback in the supervisor's loop

The page is plain HTML, CSS and JavaScript in static/; its words are in texts.toml.
"""
