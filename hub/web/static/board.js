// The hall board: the last calls, big and spoken; every window; how many wait. It hangs on a wall and nobody touches it.
//
// It never shows an older state than it has shown: versions are compared, so what a hub says that was set back, or that
// comes late, is passed over. While the hub is away it says so, and that what is seen is from before.
import { $, follow, isNewer, make, page, say, showConnection, soon } from "./hub.js";
import { announce, offerSound } from "./sound.js";

// Away for longer than this, what was called meanwhile is shown but not spoken: it would be a flood.
const STALE_MS = 10000;

const windows = new Map();
let board = null;
let isSettled = false; // whether a call that comes now is news, and not a part of the picture at the start
let lostAt = 0;

follow(
  { zone: page.zone },
  {
    window: takeWindow,
    board: takeBoard,
    waiting: (counts) => {
      drawWaiting(counts);
      isSettled = true; // the counts come last in each piece
    },
  },
  (connected) => {
    showConnection(connected, say("dated"));
    if (!connected) lostAt ||= Date.now();
    else {
      isSettled &&= Date.now() - lostAt < STALE_MS;
      lostAt = 0;
    }
  },
);

function takeWindow(window) {
  const before = windows.get(window.id);
  if (before && !isNewer(window.state.version, before.state.version)) return;
  windows.set(window.id, window);
  drawSoon();
  if (isSettled && isCall(window, before)) announce(window.state.texts[page.language], page.language);
}

function isCall(window, before) {
  const { mode, number, calls } = window.state;
  return mode === "called" && (number !== before?.state.number || calls > before.state.calls);
}

function takeBoard(newer) {
  if (board && !isNewer(newer.version, board.version)) return;
  board = newer;
  drawCalls();
}

function drawCalls() {
  const calls = board?.calls ?? [];
  $("nobody").hidden = calls.length > 0;
  $("calls").replaceChildren(...calls.map(callLine));
  fit();
}

// Half a line cannot be read: the oldest calls that have no room are not shown.
function fit() {
  if (!page.type_vw) return;
  const end = $("shown").getBoundingClientRect().bottom + 1;
  for (const line of $("calls").children) line.hidden = false;
  for (const line of [...$("calls").children].slice(1)) line.hidden = line.getBoundingClientRect().bottom > end;
}

function callLine([number, window, times], place) {
  const item = make("li", "", place === 0 ? { class: "newest" } : {});
  item.append(make("b", number, { class: "number" }));
  if (page.arrows[window]) item.append(make("span", page.arrows[window], { class: "arrow" }));
  item.append(make("span", nameOf(window), { class: "window" }));
  if (times > 1) item.append(make("small", say("again", { count: times })));
  return item;
}

const nameOf = (window) => windows.get(window)?.names[page.language] ?? window;

const drawSoon = soon(() => {
  const shown = page.windows.map((id) => windows.get(id)).filter(Boolean);
  $("windows").replaceChildren(...shown.map(windowLine));
});

function windowLine(window) {
  const { mode, number } = window.state;
  const item = make("li", "", { "data-mode": mode });
  item.append(make("span", window.names[page.language], { class: "window" }), make("b", number, { class: "number" }));
  item.append(make("small", say(mode)));
  return item;
}

function drawWaiting(counts) {
  const items = page.services.map(([service, name]) => {
    const item = make("li", `${name} `);
    item.append(make("b", String(counts[service] ?? 0)));
    return item;
  });
  $("waiting").replaceChildren(...items);
}

function tick() {
  $("clock").textContent = new Date().toLocaleTimeString(page.language, { hour: "2-digit", minute: "2-digit", hour12: false });
  setTimeout(tick, 60000 - (Date.now() % 60000));
}

if (page.type_vw) {
  document.body.classList.add("sized");
  document.body.style.setProperty("--type-call", `${page.type_vw}vw`);
  addEventListener("resize", fit);
}
tick();
offerSound($("sound"));
