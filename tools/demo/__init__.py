"""`jiaohao demo`: a whole service hall on one machine, with a real hub, a real broker and virtual devices.

crowd       who comes and when, and how each visit goes: pure, out of a seed
robot       a clerk and the applicant before the clerk: looks at the glass, presses keys; pure, time is an argument
seen        what a device's output lines mean: its pixels, lights, promises; pure
accounting  what people were promised against what the hub knows: lost, doubled, shown; pure
children    the hub and the devices as processes that are started again when they die
hub_api     the hub's HTTP interface, asked again with the same id until it answers
stage       everything live in one place, for the robots and for the twin (tools/twin)
supervisor  puts it all together, runs it, drains it, takes it down
command     the command line and the table at the end
"""
