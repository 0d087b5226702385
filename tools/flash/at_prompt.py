"""What a board is told at its prompt: MicroPython, as text.

A program that was interrupted leaves its watchdog running, and a soft reset does not stop it: it would restart the
board within seconds, in the middle of a copy. It cannot be stopped, but be given time (esp_task_wdt_reconfigure).
"""

WATCHDOG_MS = 600_000
"""Enough for any copy; a board that is left at its prompt comes back to work by itself."""

HELPERS = f"""
import gc, json, machine, os, sys
from binascii import a2b_base64, b2a_base64, hexlify
from hashlib import sha256
machine.WDT(timeout={WATCHDOG_MS}).feed()
def digest(path):
    total = sha256()
    with open(path, "rb") as file:
        while True:
            data = file.read(512)
            if not data:
                break
            total.update(data)
    return hexlify(total.digest()).decode()
def walk(folder):
    for entry in os.ilistdir(folder or "/"):
        path = folder + "/" + entry[0] if folder else entry[0]
        if entry[1] & 0x4000:
            walk(path)
        else:
            print(json.dumps((path, digest(path))))
def make_folders(path):
    names = path.split("/")[:-1]
    for count in range(1, len(names) + 1):
        try:
            os.mkdir("/".join(names[:count]))
        except OSError:
            pass
def remove(path):
    if os.stat(path)[0] & 0x4000:
        for name in os.listdir(path):
            remove(path + "/" + name)
        os.rmdir(path)
    else:
        os.remove(path)
"""

ABOUT = """
found = sys.implementation
mpy = getattr(found, "_mpy", 0) & 255
space = os.statvfs("/")
mac = hexlify(machine.unique_id()).decode()
print(json.dumps((mac, getattr(found, "_machine", sys.platform), found.version[:3], mpy, space[0] * space[3])))
"""

OPEN = """
try:
    file = open({path!r}, "rb")
except OSError:
    file = None
print(file and file.seek(0, 2) or 0)
file and file.seek(0)
"""
