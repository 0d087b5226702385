"""Runs test files on either interpreter: `python tests/runner.py FILE...`, `micropython tests/runner.py FILE...`.

A test file has plain `test_...` functions that assert. One that can run on one interpreter only says so at its top:
`ONLY = "micropython"` and `WHY = "..."`. MicroPython's own unittest exits with 0 on failure; this exits with 1.
"""

import sys

# ruff: noqa: T201 - people at a terminal read what this prints

# The script's own folder, which both interpreters put first, has a `protocol` too: the tests of it.
sys.path[0] = __file__.rsplit("/", 2)[0] if __file__.count("/") > 1 else "."


def load(path):
    """The names that the test file defines, in the order of their lines (MicroPython forgets it: by name there)."""
    with open(path) as file:
        code = compile(file.read(), path, "exec")
    names = {"__name__": "tests", "__file__": path}
    exec(code, names)
    return names


def print_failure(name, error):
    print("FAILED", name)
    if hasattr(sys, "print_exception"):
        sys.print_exception(error)
    else:
        import traceback

        traceback.print_exception(error)


def run_file(path):
    """(passed, failed) of the file's tests."""
    names = load(path)
    only = names.get("ONLY", sys.implementation.name)
    if only != sys.implementation.name:
        print("SKIPPED", path, "runs on", only, "only:", names["WHY"])
        return 0, 0
    passed = failed = 0
    for name in sorted(names):
        if not name.startswith("test_"):
            continue
        try:
            names[name]()
            passed += 1
        except Exception as error:  # noqa: BLE001 - a test may fail in any way
            failed += 1
            print_failure(path + " " + name, error)
    return passed, failed


def main(paths):
    passed = failed = 0
    for path in paths:
        more_passed, more_failed = run_file(path)
        passed += more_passed
        failed += more_failed
    print(passed, "passed,", failed, "failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
