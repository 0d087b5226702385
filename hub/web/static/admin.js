// The office's page: forms that ask the API, and the devices as they are now. Each role has its parts of it.
import { $, ask, attempt, make, onSubmit, page, poll, say, whyNot } from "./hub.js";
import "./versions.js";

const LOOK_AGAIN_MS = 3000;

// -- devices

function state(device) {
  if (device.revoked) return say("revoked");
  if (device.clone) return say("clone");
  if (device.locked_out) return say("locked-out");
  return device.online ? say("online") : say("offline-device");
}

function deviceLine(device) {
  const row = make("tr", "", { "data-state": device.revoked ? "revoked" : device.online ? "online" : "offline" });
  const cells = [say(device.role), device.window || device.zone, state(device), device.shown[1] || "–", device.boot || "–", device.error];
  row.append(make("th", device.id, { scope: "row" }), ...cells.map((text) => make("td", text)));
  const last = make("td");
  if (!device.revoked && $("add-device")) {
    const button = make("button", say("revoke"), { type: "button", class: "quiet" });
    button.addEventListener("click", () => drop("devices", device.id, say("sure-device", { name: device.id })));
    last.append(button);
  }
  row.append(last);
  return row;
}

let drawn = "";

function drawDevices(devices) {
  const now = JSON.stringify(devices);
  if (now === drawn) return; // a button that has the focus must keep it
  drawn = now;
  const wrong = devices.filter((device) => device.clone || device.locked_out).map((device) => device.id);
  $("devices-wrong").textContent = wrong.length ? say("devices-wrong", { names: wrong.join(", ") }) : "";
  $("devices").hidden = devices.length === 0;
  $("no-devices").hidden = devices.length > 0;
  $("devices").tBodies[0].replaceChildren(...devices.map(deviceLine));
}

// -- alarms

function drawAlarms(alarms) {
  // With the day: a limit of a bad rating is over for days.
  const form = { month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false };
  const time = (ms) => new Date(ms).toLocaleString(page.language, form);
  const lines = alarms.map((alarm) => {
    const row = make("tr");
    const cells = [alarm.subject[page.language], time(alarm.raised_ms), alarm.to || "–"];
    row.append(make("th", alarm.names[page.language], { scope: "row" }), ...cells.map((text) => make("td", text)));
    return row;
  });
  $("alarms").hidden = alarms.length === 0;
  $("no-alarms").hidden = alarms.length > 0;
  $("alarms").tBodies[0].replaceChildren(...lines);
}

async function lookAgain() {
  try {
    drawAlarms(await poll("alarms"));
    if ($("devices")) drawDevices(await poll("devices"));
    const health = await poll("health");
    $("broker").textContent = health.broker.connected ? say("broker-on") : say("broker-off", { error: health.broker.error });
    $("quarantined").textContent = say("quarantined", { count: health.quarantined });
    const minutes = health.clock_set_min;
    $("clock-set").textContent = minutes ? say("clock-set", { minutes }) : "";
  } catch (error) {
    $("broker").textContent = whyNot(error);
  }
  setTimeout(lookAgain, LOOK_AGAIN_MS);
}

// -- what is told once

function tellOnce(title, about, text, file) {
  $("once-title").textContent = title;
  $("once-about").textContent = about;
  $("once-text").value = text;
  $("once-file").hidden = !file;
  if (file) {
    $("once-file").href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    $("once-file").download = file;
  }
  $("once").showModal();
}

$("once-close").addEventListener("click", () => $("once").close());
$("once").addEventListener("close", () => {
  $("once-text").value = "";
  location.reload();
});

// -- forms

async function drop(kind, name, question) {
  if (!confirm(question)) return;
  if (await attempt(() => ask("DELETE", `${kind}/${encodeURIComponent(name)}`))) location.reload();
}

/** A device belongs to a window or to a zone: only the field that counts is there. */
function showPlace() {
  const isOfZone = "ofZone" in $("device-role").selectedOptions[0].dataset;
  for (const [field, counts] of [["device-window", !isOfZone], ["device-zone", isOfZone]]) {
    $(field).disabled = !counts;
    $(field).parentElement.hidden = !counts;
  }
}

if ($("device-role")) {
  $("device-role").addEventListener("change", showPlace);
  showPlace(); // a browser keeps what was chosen when the page is loaded anew
}

onSubmit("add-device", async (form) => {
  const answer = await attempt(() => ask("POST", "devices", form));
  if (answer) tellOnce(form.id, say("config-once"), JSON.stringify(answer.body, null, 2), "config.json");
});

onSubmit("add-user", async (form) => {
  if (!form.display) delete form.display;
  if (await attempt(() => ask("POST", "users", form))) location.reload();
});

onSubmit("add-key", async (form) => {
  const answer = await attempt(() => ask("POST", "keys", form));
  if (answer) tellOnce(form.label, say("key-once"), answer.body.token, "");
});

for (const button of document.querySelectorAll("[data-delete]")) {
  const { delete: kind, name } = button.dataset;
  button.addEventListener("click", () => drop(kind, name, say("sure", { name })));
}

if ($("devices")) drawDevices(page.devices);
lookAgain();
