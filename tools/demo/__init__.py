"""`jiaohao demo`: a whole service hall on one machine, with a real hub, a real broker and virtual devices.

plan        when the hall's day begins, who sits where then; the hall file at the demo's pace: pure
crowd       who comes, when and in which way, and how each visit goes: pure, out of a seed
visitors    what they do at the entrance: book, check in, show papers, draw
robot       a clerk and the applicant before the clerk: looks at the glass, presses keys; pure, time is an argument
seen        what a device's output lines mean: its pixels, lights, promises; pure
accounting  what people were promised against what the hub knows: lost, doubled, shown; pure
children    the hub and the devices as processes that are started again when they die
rack        the devices of a large hall's other windows, all in one process (rack_child)
hub_api     the hub's HTTP interface, asked again with the same id until it answers
stage       everything live in one place, for the robots and for the twin (tools/twin)
why         a call in which somebody went first, in words: pure
supervisor  puts it all together, runs it, drains it, takes it down
cli, report the command line and the table at the end
"""
