"""Roles of a device. All alike: `Role(config, prompts, now_ms)`, then `handle(event, now_ms) -> list of effects`."""
