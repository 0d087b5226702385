"""Alerts, dashboard and runbook speak of what the hub tells, and of nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.hub.web.web_hall import WebHall, web_hall
from tests.promql import MONITORING, firing, holds, names_in, panels, rules

RUNBOOK = MONITORING.parent / "monitoring.md"
PROMETHEUS_OWN = {"up"}
UNITS = ("seconds", "bytes", "info", "total", "celsius", "ratio")


@pytest.fixture
async def told(tmp_path: Path) -> str:
    async with web_hall(tmp_path) as hall:
        return (await here(hall)).text


async def here(hall: WebHall):
    """What a program on the hub's own machine is told."""
    neighbour = hall.visitor("127.0.0.1", Host="127.0.0.1:8000")
    return (await neighbour.get("/metrics")).raise_for_status()


def series_of(text: str) -> dict[str, float]:
    families = text_string_to_metric_families(text)
    return {sample.name: sample.value for family in families for sample in family.samples}


def test_every_alert_has_its_place_in_the_runbook_and_what_to_say():
    headings = re.findall(r"^### (\w+)$", RUNBOOK.read_text("utf-8"), re.MULTILINE)
    assert headings == list(rules())
    for name, rule in rules().items():
        assert re.fullmatch(r"Jiaohao[A-Z]\w+", name)
        assert rule["annotations"]["runbook"] == f"docs/monitoring.md#{name.lower()}"
        assert rule["annotations"]["summary"] and rule["labels"]["severity"] in ("page", "ticket")
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert re.fullmatch(r"\d+[smh]", rule.get("for", "0s"))


def test_alerts_and_dashboard_name_what_there_is(told: str):
    there = set(series_of(told)) | PROMETHEUS_OWN
    for name, rule in rules().items():
        assert names_in(rule["expr"]) and names_in(rule["expr"]) <= there, name
    for panel in panels():
        for target in panel["targets"]:
            assert names_in(target["expr"]) and names_in(target["expr"]) <= there, panel["title"]


def test_everything_that_is_told_is_on_the_dashboard(told: str):
    shown = {name for panel in panels() for target in panel["targets"] for name in names_in(target["expr"])}
    parts = re.compile(r"_(bucket|sum|count)$")
    assert {parts.sub("", name) for name in series_of(told)} == {parts.sub("", name) for name in shown} - PROMETHEUS_OWN


def test_names_follow_the_rules(told: str):
    families = list(text_string_to_metric_families(told))
    assert len(families) > 20
    for family in families:
        assert re.fullmatch(r"jiaohao(_[a-z]+)+", family.name), family.name
        assert family.documentation.endswith(".")
        unit = family.name.rpartition("_")[2]
        assert unit not in ("ms", "milliseconds", "minutes", "hours", "kilobytes", "mb", "percent"), family.name
        assert "total" not in family.name and (family.type != "counter" or f"{family.name}_total" in told)


def test_the_dashboard_has_no_two_panels_in_one_place():
    places = [tuple(panel["gridPos"].values()) for panel in panels()]
    assert len({panel["id"] for panel in panels()}) == len(set(places)) == len(places)
    assert json.loads((MONITORING / "grafana-dashboard.json").read_text())["title"].startswith("jiaohao")


def test_prometheus_is_led_to_the_hub_and_to_the_alerts():
    settings = yaml.safe_load((MONITORING / "prometheus.yml").read_text())
    assert settings["rule_files"] == ["alerts.yml"]
    (job,) = settings["scrape_configs"]
    assert f'up{{job="{job["job_name"]}"}}' in rules()["JiaohaoHubDown"]["expr"]


def test_the_little_evaluator_knows_right_from_wrong():
    now, before = {'jiaohao_x{role="a",le="2.0"}': 3.0, 'jiaohao_x{role="b"}': 4.0}, {"jiaohao_x": 1.0}
    assert holds("sum(jiaohao_x) == 7", now, before) and not holds("jiaohao_x > 7", now, before)
    assert holds('jiaohao_x{le="2.0"} == 3', now, now) and holds("increase(jiaohao_x[5m]) > 5", now, before)
    assert not holds("increase(jiaohao_x[5m]) > 6", now, before)
    with pytest.raises(LookupError):
        holds("jiaohao_y > 1", now, before)
    with pytest.raises(LookupError):
        firing({}, {})
