"""Roles of a device. All alike: `Role(config, texts, now_ms)`, then `handle(event, now_ms) -> list of effects`."""
