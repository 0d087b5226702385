"""`jiaohao hall`: says what is wrong in words with lines, and does with versions what it says."""

import json

import pytest
from click.testing import CliRunner

from tests.tools.fake_hall_api import KEY, FakeHall, serving
from tools.cli import main
from tools.ports import free_port

SOURCE = """\
[hall]
id = "small"
name = { zh-Hans = "小厅", zh-Hant = "小廳", en = "Small hall" }
timezone = "Asia/Shanghai"

[services.tax]
name = { zh-Hans = "税务", zh-Hant = "稅務", en = "Taxes" }
prefix = "A"

[windows.1-3]
name = { zh-Hans = "{n}号窗口", zh-Hant = "{n}號窗口", en = "Window {n}" }
services = ["*"]
"""

CONTACTS = """
[contacts.wang]
name = "王主任"
email = "wang@example.org"
"""

WITHOUT_A_WINDOW = SOURCE.replace("1-3", "1-2")
WRONG = SOURCE.replace('"A"', '"A A"').replace("Asia/Shanghai", "Asia/Nowhere")


@pytest.fixture
def api():
    with serving(FakeHall(SOURCE)) as hall:
        yield hall


@pytest.fixture
def run(api, tmp_path):
    key = tmp_path / "key"
    key.write_text(KEY + "\n")

    def asked(*arguments, **environment):
        where = {"JIAOHAO_HUB": api.url, "JIAOHAO_KEY_FILE": str(key), **environment}
        return CliRunner().invoke(main, ["hall", *map(str, arguments)], env=where)

    return asked


@pytest.fixture
def file(tmp_path):
    def written(text, name="new.toml"):
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return written


def test_a_good_file_is_called_good(run, file):
    shown = run("check", file(SOURCE))
    assert shown.exit_code == 0 and "good: small, services: 1, windows: 3" in shown.stdout


def test_every_problem_is_told_with_its_line(run, file):
    shown = run("check", file(WRONG))
    assert shown.exit_code == 2 and shown.stdout == ""
    assert [line.split(": ")[2] for line in shown.stderr.splitlines()] == ["line 4", "line 8"]
    assert "hall.timezone" in shown.stderr and 'such as "Asia/Shanghai"' in shown.stderr


def test_problems_can_be_read_by_programs(run, file):
    shown = run("check", file(WRONG), "--json")
    assert shown.exit_code == 2
    assert [problem["line"] for problem in json.loads(shown.stdout)["problems"]] == [4, 8]


def test_checking_asks_no_hub(run, file, api):
    run("check", file(SOURCE))
    assert api.requests == []


def test_a_file_that_is_not_there_is_told(run):
    shown = run("check", "nowhere.toml")
    assert shown.exit_code == 2 and "there is no file 'nowhere.toml'" in shown.output


def test_applying_makes_a_version_with_its_note_and_says_what_changed(run, file, api):
    shown = run("apply", file(WITHOUT_A_WINDOW), "--note", "window 3 is being painted")
    assert shown.exit_code == 0, shown.output
    assert shown.stdout == "version 2 is in force\n  window 3 closed: it is no longer in the file\n"
    assert api.versions[-1] == (WITHOUT_A_WINDOW, "window 3 is being painted")


@pytest.mark.parametrize("option", ["--dry", "--note="])
def test_contacts_in_the_file_are_not_applied_and_it_is_said_where_they_belong(run, file, option):
    shown = run("apply", file(WITHOUT_A_WINDOW + CONTACTS), option)
    assert "(wang) are not applied" in shown.stdout and "started with" in shown.stdout
    assert "example.org" not in shown.stdout


def test_a_dry_run_changes_nothing(run, file, api):
    shown = run("apply", file(WITHOUT_A_WINDOW), "--dry")
    assert shown.stdout.startswith("would change:\n  window 3 closed") and len(api.versions) == 1


def test_the_hubs_problems_are_told_with_their_lines(run, file, api):
    shown = run("apply", file(WRONG))
    assert shown.exit_code == 2 and "new.toml: line 4: hall.timezone" in shown.stderr and len(api.versions) == 1


def test_the_version_in_force_is_shown_with_who_made_it_when(run):
    shown = run("show")
    assert shown.stdout.startswith("# version 1, 2023-11-1") and ", by admin:li\n" in shown.stdout
    assert shown.stdout.endswith(SOURCE)


def test_an_earlier_version_is_shown(run, file):
    run("apply", file(WITHOUT_A_WINDOW))
    assert run("show", "--version", 1).stdout.endswith(SOURCE)
    assert run("show").stdout.endswith(WITHOUT_A_WINDOW)


def test_the_versions_are_listed_with_their_notes(run, file):
    run("apply", file(WITHOUT_A_WINDOW), "--note", "painters")
    newest, oldest = run("versions").stdout.splitlines()
    assert newest.startswith("version 2") and newest.endswith(": painters") and oldest.startswith("version 1")


def test_a_file_is_compared_with_what_is_in_force(run, file, api):
    shown = run("diff", file(WITHOUT_A_WINDOW))
    assert shown.stdout.startswith("  window 3 closed")
    assert "--- version 1" in shown.stdout and "-[windows.1-3]\n+[windows.1-2]\n" in shown.stdout
    assert len(api.versions) == 1


def test_versions_are_compared_from_the_first_to_the_second(run, file):
    run("apply", file(WITHOUT_A_WINDOW))
    assert "window 3 closed" in run("diff", 1).stdout
    assert "window 3 added" in run("diff", 2, 1).stdout
    assert run("diff", 2).stdout == "  nothing\n"


def test_contacts_are_in_no_comparison(run, file):
    shown = run("diff", file(SOURCE + CONTACTS))
    assert "wang" not in shown.output


def test_an_earlier_version_is_put_in_force_again_as_a_new_one(run, file, api):
    run("apply", file(WITHOUT_A_WINDOW))
    shown = run("revert", 1)
    assert "version 3 is in force, with what version 1 said" in shown.stdout and "window 3 added" in shown.stdout
    assert [source for source, _ in api.versions] == [SOURCE, WITHOUT_A_WINDOW, SOURCE]


def test_a_version_is_exported_as_it_was_applied(run, tmp_path):
    assert run("export").stdout == SOURCE
    out = tmp_path / "out.toml"
    assert run("export", "--out", out).exit_code == 0
    assert out.read_text("utf-8") == SOURCE


def test_an_export_that_cannot_be_written_is_told(run, tmp_path):
    shown = run("export", "--out", tmp_path / "nowhere" / "out.toml")
    assert shown.exit_code == 2 and "error: cannot write" in shown.stderr


@pytest.mark.parametrize("command", [("show",), ("versions",), ("export",), ("revert", "1"), ("diff", "1")])
def test_every_answer_can_be_read_by_programs(run, command):
    json.loads(run(*command, "--json").stdout)


def test_a_version_that_is_not_there_is_told(run):
    shown = run("show", "--version", 99)
    assert shown.exit_code == 2 and "says no: There is nothing here." in shown.stderr


def test_without_a_hub_it_says_where_it_looked(run):
    url = f"http://127.0.0.1:{free_port()}"
    shown = run("show", JIAOHAO_HUB=url)
    assert shown.exit_code == 2 and f"error: no hub answers at {url}" in shown.stderr


@pytest.mark.parametrize("url", ["http://127.0.0.1:port", "http://127.0.0.1:80/a b"])
def test_an_address_that_is_none_is_told(run, url):
    shown = run("show", JIAOHAO_HUB=url)
    assert shown.exit_code == 2 and f"error: no hub answers at {url}" in shown.stderr


@pytest.mark.parametrize(
    ("key", "words"), [("wrong", "does not know this key"), ("", "must have one line"), (None, "cannot read")]
)
def test_a_key_that_opens_nothing_is_told(run, tmp_path, key, words):
    file = tmp_path / "other"
    if key is not None:
        file.write_text(key)
    shown = run("show", "--key-file", file)
    assert shown.exit_code == 2 and words in shown.stderr and "Traceback" not in shown.output


def test_a_file_with_problems_is_not_compared(run, file):
    shown = run("diff", file(WRONG))
    assert shown.exit_code == 2 and "line 4" in shown.stderr and shown.stdout == ""
