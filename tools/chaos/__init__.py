"""`jiaohao chaos`: faults on real processes, and a ledger outside the system that says what must not be lost.

faults      which fault comes when, to whom and for how long; drawn from a seed before the run: pure
ledger      what was promised against the hub's database: lost, doubled, altered, differing; its rows are read with SQL
options     what the command line says, as it goes to the harness
wire        the network between devices, broker and hub; netns and proxy are its two kinds
disk, clock the hub's disk that gets full, the hub's wall clock that jumps
hub_child   the hub on a leash, with that clock
brokers     the embedded nats-server, and Debian's mosquitto as an administrator would set it up
mistake     a device with a mistake, to see that the harness catches it
onlooker    sees which keys are pressed, and what glass and beeper say: from the devices, not from the hub
rig         all processes of one run
people      tickets and presses
injector    carries the faults out, and heals
run         one broker's run from start to verdict
report      the table at the end: pure
inside      the first process of namespaces of our own
harness     the process that runs it all; cli starts it, in namespaces where it may
"""
