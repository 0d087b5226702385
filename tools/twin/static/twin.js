// The twin's page. The scene (names, devices, words) is asked for once; then events tell the whole state of each thing
// that changed. All of it is shown from `known`, so that a change of language draws everything again.

const LANGUAGES = { "zh-Hans": "简体", "zh-Hant": "繁體", en: "English" };
const KEYS_OF = { window_display: [], call_pad: ["key-next", "key-recall", "key-start", "key-finish", "key-missed"],
  rating_pad: ["level-5", "level-4", "level-3", "level-2", "level-1"] };
const LIT = { window_display: [255, 181, 46], call_pad: [190, 235, 255], rating_pad: [190, 235, 255] };
const DARK = [0, 0, 0, 0];
const MOUTHS = ["M7 13q5 7 10 0", "M8 14q4 4 8 0", "M8 15h8", "M8 17q4 -4 8 0", "M7 18q5 -7 10 0"];
const BEEP_MS = 500;

const scene = await (await fetch("/api/scene")).json();
const racked = scene.windows.filter((window) => window.racked);
const full = scene.windows.filter((window) => !window.racked);
const withoutPixels = new Set(racked.flatMap((window) => Object.values(window.devices)));
const known = { hall: null, window: {}, device: {}, slip: null, lost: false };
let language = localStorage.getItem("language") in LANGUAGES ? localStorage.getItem("language") : "zh-Hans";

const at = (id) => document.getElementById(id);

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function say(key, words = {}) {
  return scene.texts[key][language].replace(/\{(\w+)\}/g, (hole, name) => words[name] ?? hole);
}

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  return answer.status === 204 ? {} : answer.json();
}

// Devices

function face(mouth) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", `M12 2a10 10 0 1 0 .01 0M8.5 9v.5M15.5 9v.5${mouth}`);
  svg.append(path);
  return svg;
}

function makeKey(device, role, text, index) {
  const drawn = role === "rating_pad" ? [face(MOUTHS[index])] : [];
  const key = make("button", { className: "key", type: "button" }, make("i"), ...drawn, make("span"));
  key.dataset.key = index;
  key.lastChild.dataset.text = text;
  key.addEventListener("click", () => post("/api/press", { device, key: index }));
  return key;
}

function makeDevice(role, device) {
  const beep = make("span", { className: "beep", textContent: "♪" });
  const plug = make("button", { className: "plug", type: "button" });
  plug.addEventListener("click", () => post("/api/plug", { device, plugged: !known.device[device].plugged }));
  const name = make("span");
  name.dataset.text = role;
  const keys = KEYS_OF[role].map((text, index) => makeKey(device, role, text, index));
  const box = make("article", { className: "device", id: `device-${device}` },
    make("div", { className: "glass" }, make("canvas", { width: 0, height: 0 })),
    ...(keys.length ? [make("div", { className: "keys" }, ...keys)] : []),
    make("div", { className: "device-head" }, name, beep, plug));
  box.dataset.role = role;
  return box;
}

function paint(canvas, now, role) {
  const bits = now.frame ? Uint8Array.from(atob(now.frame), (letter) => letter.charCodeAt(0)) : null;
  if (canvas.width !== now.w || canvas.height !== now.h) {
    canvas.width = now.w;
    canvas.height = now.h;
  }
  if (!now.w) return;
  const image = new ImageData(now.w, now.h);
  for (let pixel = 0; pixel < now.w * now.h; pixel += 1) {
    const lit = bits && (bits[pixel >> 3] >> (7 - (pixel & 7))) & 1;
    image.data.set(lit ? [...LIT[role], 255] : DARK, pixel * 4);
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  fit(canvas);
}

// Whole multiples only: a pixel of the device is a square of whole pixels of this screen.
function fit(canvas) {
  const room = canvas.parentElement.clientWidth - 8;
  const dense = Math.max(1, Math.round(devicePixelRatio));
  const scale = Math.max(1, Math.floor((room * dense) / canvas.width)) / dense;
  canvas.style.width = `${canvas.width * scale}px`;
  canvas.style.height = `${canvas.height * scale}px`;
}

function showDevice(now) {
  if (withoutPixels.has(now.id)) {
    showTile(now);
    return;
  }
  const before = known.device[now.id];
  known.device[now.id] = now;
  const box = at(`device-${now.id}`);
  const role = box.dataset.role;
  Object.assign(box.dataset, { on: now.on, mode: now.mode, number: now.number, version: now.version ?? "" });
  const canvas = box.querySelector("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${say(role)} ${now.number || now.mode}`);
  paint(canvas, now, role);
  box.querySelectorAll(".key").forEach((key, index) => {
    key.disabled = !now.on;
    key.firstChild.classList.toggle("lit", Boolean(now.leds[index]));
  });
  box.querySelector(".device-head").title = now.log.at(-1) ?? "";
  box.querySelector(".plug").textContent = say(now.plugged ? "pull" : "plug");
  if (before && now.beeps > before.beeps) beep(box.querySelector(".beep"));
}

function beep(note) {
  note.classList.add("sounding");
  note.title = say("beep");
  setTimeout(() => note.classList.remove("sounding"), BEEP_MS);
}

// Windows whose devices have no pixels: a tile says what the display over the window shows

function makeTile(window) {
  const tile = make("div", { className: "tile", id: `device-${window.devices.window_display}` },
    make("small", { textContent: window.id }), make("b"));
  tile.dataset.role = "window_display";
  return tile;
}

function showTile(now) {
  known.device[now.id] = now;
  const tile = at(`device-${now.id}`);
  if (!tile) return;
  Object.assign(tile.dataset, { on: now.on, mode: now.mode, number: now.number, version: now.version ?? "" });
  tile.lastChild.textContent = now.number || "·";
}

function showRackTitle() {
  const count = racked.length;
  at("rack").hidden = !count;
  at("rack-title").textContent = say("racked", { count, devices: 3 * count });
}

// Windows

function makeWindow(window) {
  const robot = make("button", { type: "button" });
  const me = make("button", { type: "button" });
  robot.dataset.text = "robot-on";
  me.dataset.text = "robot-off";
  robot.addEventListener("click", () => post("/api/robot", { window: window.id, on: true }));
  me.addEventListener("click", () => post("/api/robot", { window: window.id, on: false }));
  const title = make("h2");
  title.dataset.window = window.id;
  const devices = Object.entries(window.devices).map(([role, device]) => makeDevice(role, device));
  return make("section", { className: "window", id: `window-${window.id}` },
    make("div", { className: "window-head" }, title,
      make("span", { className: "who", textContent: window.clerk.display }),
      make("span", { className: "prefixes", textContent: window.prefixes.join(" ") }),
      make("span", { className: "switch" }, robot, me)),
    make("div", { className: "desk" }, ...devices));
}

function showWindow(now) {
  known.window[now.id] = now;
  if (!at(`window-${now.id}`)) return;
  const [robot, me] = at(`window-${now.id}`).querySelectorAll(".switch button");
  robot.setAttribute("aria-pressed", now.robot);
  me.setAttribute("aria-pressed", !now.robot);
}

// The hall

function makeService(service) {
  const button = make("button", { className: "service", type: "button", id: `service-${service.id}` },
    make("b", { textContent: service.prefix }), make("span"), make("small"));
  button.addEventListener("click", async () => {
    known.slip = await post("/api/ticket", { service: service.id });
    showSlip();
  });
  return button;
}

function showSlip() {
  const { number, detail } = known.slip ?? {};
  const reason = detail && typeof detail === "object" ? detail[language] : detail;
  at("slip").textContent = number ? say("drew", { number }) : reason ?? "";
}

function showHall(now) {
  known.hall = now;
  const phase = known.lost ? "lost" : now.phase;
  at("phase").dataset.phase = phase;
  at("phase").textContent = say(`phase-${phase}`, now);
  for (const service of scene.services) {
    const [, name, count] = at(`service-${service.id}`).children;
    name.textContent = service.names[language];
    count.textContent = say("waiting", { count: now.waiting[service.id] ?? 0 });
  }
  at("figures").replaceChildren(...["drawn", "called", "rated"].map((name) =>
    make("div", {}, make("dt", { textContent: say(name) }), make("dd", { textContent: now.figures[name] }))));
}

function showLost(lost) {
  if (known.hall?.phase === "over") return;
  known.lost = lost;
  if (known.hall) showHall(known.hall);
}

// Everything again, in the chosen language

function showLanguage() {
  document.documentElement.lang = language;
  document.title = `${scene.hall[language]} · jiaohao`;
  at("hall").textContent = scene.hall[language];
  document.querySelectorAll("[data-text]").forEach((element) => { element.textContent = say(element.dataset.text); });
  document.querySelectorAll("h2[data-window]").forEach((title) => {
    title.textContent = scene.windows.find((window) => window.id === title.dataset.window).names[language];
  });
  document.querySelectorAll("#languages button").forEach((button) => {
    button.setAttribute("aria-pressed", button.lang === language);
  });
  document.querySelectorAll(".service").forEach((button) => { button.title = say("draw"); });
  at("about").textContent = `${say("runtime", scene)} · ${say("speed", scene)} · jiaohao`;
  at("logins").firstChild.firstChild.textContent = say("administrator");
  Object.values(known.device).forEach(showDevice);
  showRackTitle();
  if (known.hall) showHall(known.hall);
  showSlip();
}

function makeLogin(who, login) {
  const cells = [who, make("code", { textContent: login.name }), make("code", { textContent: login.password })];
  return make("tr", {}, ...cells.map((cell) => make("td", {}, cell)));
}

function build() {
  for (const [code, name] of Object.entries(LANGUAGES)) {
    const button = make("button", { type: "button", lang: code, textContent: name });
    button.addEventListener("click", () => {
      language = code;
      localStorage.setItem("language", code);
      showLanguage();
    });
    at("languages").append(button);
  }
  for (const [name, url] of Object.entries(scene.links)) at(`link-${name}`).href = url;
  at("services").append(...scene.services.map(makeService));
  at("windows").append(...full.map(makeWindow));
  at("tiles").append(...racked.map(makeTile));
  at("logins").append(makeLogin("", scene.admin),
    ...full.map((window) => makeLogin(window.clerk.display, window.clerk)));
}

function listen() {
  const live = new EventSource("/api/live");
  live.addEventListener("hall", (event) => showHall(JSON.parse(event.data)));
  live.addEventListener("window", (event) => showWindow(JSON.parse(event.data)));
  live.addEventListener("device", (event) => showDevice(JSON.parse(event.data)));
  live.onopen = () => showLost(false);
  live.onerror = () => showLost(true);
}

build();
showLanguage();
listen();
addEventListener("resize", () => document.querySelectorAll("canvas").forEach((canvas) => canvas.width && fit(canvas)));
