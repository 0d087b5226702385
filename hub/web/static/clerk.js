// The clerk's page: choose a window, then next, recall, start, finish, missed and the rest, by one key each.
//
// Every press carries the version of the window that was on the screen, so a press that comes too late or twice does
// nothing. While the hub is away nothing is sent and nothing is kept for later.
import { $, ask, follow, isNewer, make, page, say, showConnection, soon, wordsOf } from "./hub.js";
import { askFor, closeQuestions, fillTransfer } from "./questions.js";
import { forgetLine, lookAtLine, stepsBack } from "./line.js";

// What can be pressed, by the window's mode. The hub decides; this only greys out what it would refuse.
const OF_VISIT = ["hold", "transfer", "change-service", "add-service", "case"];
const POSSIBLE = {
  closed: [],
  paused: ["resume"],
  open: ["next", "pause", "automatic"],
  called: ["next", "recall", "start", "finish", "missed", "hold", "transfer", "add-service", "case", "automatic"],
  serving: ["next", "finish", ...OF_VISIT, "automatic"],
};

// What is said with a press, in a dialog before it is sent.
const ASKED = ["hold", "pick", "pause", ...OF_VISIT.slice(1)];

const windows = new Map();
let waiting = {};
let mine = null; // id of the window that I am at
let isConnected = false;
let pending = ""; // what was sent and not answered yet: the same again is the same press
let stop = () => {};

// -- what the hub says

function watch(query) {
  stop();
  stop = follow(
    query,
    {
      window: (window) => take(window),
      waiting: (counts) => {
        waiting = counts;
        if (mine) showWaiting();
      },
    },
    (connected) => {
      isConnected = connected;
      if (!connected) $("said").textContent = "";
      showConnection(connected);
      greyOut();
    },
  );
}

// Takes a window if it is newer than the one that is shown.
function take(window) {
  const before = windows.get(window.id);
  if (before && !isNewer(window.state.version, before.state.version)) return;
  windows.set(window.id, window);
  if (window.clerk === page.name && mine === null) sitDown(window.id);
  else if (window.id === mine && window.clerk !== page.name) standUp();
  else if (window.id === mine) drawCounter();
  else if (mine === null) drawSoon();
}

function sitDown(id) {
  mine = id;
  watch({ window: id });
  draw();
  $("next").focus();
}

function standUp() {
  mine = null;
  closeQuestions();
  forgetLine();
  watch({});
  draw();
  $("wanted").focus();
}

// -- what is shown

function draw() {
  $("choose").hidden = mine !== null;
  $("work").hidden = mine === null;
  if (mine === null) drawChoice();
  else drawCounter();
}

const drawSoon = soon(draw);

function drawChoice() {
  const wanted = $("wanted").value.trim().toLowerCase();
  const focused = document.activeElement?.dataset?.window;
  const items = [...windows.values()].filter((window) => matches(window, wanted)).map(choice);
  $("windows").replaceChildren(...items);
  if (focused) $("windows").querySelector(`[data-window="${CSS.escape(focused)}"]`)?.focus();
}

const matches = (window, wanted) =>
  !wanted || window.id.includes(wanted) || window.names[page.language].toLowerCase().includes(wanted);

function choice(window) {
  const item = make("li");
  const button = make("button", window.names[page.language], { type: "button", "data-window": window.id });
  if (window.clerk) {
    button.append(make("small", say("taken", { clerk: window.clerk })));
    button.disabled = true;
  }
  button.addEventListener("click", () => signIn(window.id));
  item.append(button);
  return item;
}

const modeOf = (window) => (window.paused && window.clerk ? "paused" : window.state.mode);

function drawCounter() {
  const window = windows.get(mine);
  const { number, calls } = window.state;
  const mode = modeOf(window);
  $("counter-title").textContent = window.names[page.language];
  $("number").textContent = number || "–";
  const again = mode === "called" && calls > 1;
  $("mode").textContent = again
    ? say("mode-called-again", { count: calls })
    : say(`mode-${mode}`, { reason: page.pauses[window.paused] ?? window.paused });
  $("counter").dataset.mode = mode;
  document.querySelector('[data-verb="pause"]').hidden = mode === "paused";
  document.querySelector('[data-verb="resume"]').hidden = mode !== "paused";
  document.querySelector('[data-verb="automatic"]').setAttribute("aria-pressed", String(window.automatic));
  document.title = number ? `${number} · ${say("title")}` : say("title");
  showWaiting();
  greyOut();
}

function showWaiting() {
  const count = windows.get(mine).services.reduce((sum, service) => sum + (waiting[service] ?? 0), 0);
  $("waiting").textContent = say("waiting", { count });
  lookAtLine(mine, { pick, goOn, comeBack, takeBack });
}

function greyOut() {
  const possible = isPossible();
  for (const button of document.querySelectorAll("[data-verb]")) {
    button.setAttribute("aria-disabled", String(!possible.includes(button.dataset.verb)));
  }
}

const isPossible = () => (isConnected && mine ? POSSIBLE[modeOf(windows.get(mine))] : []);

// -- what the clerk does

// `what` names the press. Another one may be sent before the answer comes: the stream may have shown what became of it.
// Returns whether it was done.
async function send(path, body, what = path) {
  if (pending === what) return false;
  if (!isConnected) {
    $("said").textContent = say("not-sent");
    return false;
  }
  pending = what;
  document.body.classList.add("busy");
  $("said").textContent = "";
  try {
    const answer = await ask("POST", path, body);
    if (answer.body?.code === "clerk-elsewhere" && confirm(`${wordsOf(answer.body)}\n${say("move-here")}`)) {
      pending = "";
      return send(path, { ...body, move: true }, `${what} move`);
    }
    if (answer.status >= 400) $("said").textContent = wordsOf(answer.body);
    if (answer.body?.window) take(answer.body.window);
    if (mine) showWaiting();
    return answer.status < 400;
  } catch {
    $("said").textContent = say("no-answer");
    return false;
  } finally {
    if (pending === what) {
      pending = "";
      document.body.classList.remove("busy");
    }
  }
}

const pathOf = (verb) => `windows/${encodeURIComponent(mine)}/${verb}`;
const signIn = (id) =>
  send(`windows/${encodeURIComponent(id)}/sign-in`, page.role === "admin" ? { clerk: page.name } : {});

function press(verb) {
  if (!mine) return;
  if (isConnected && !isPossible().includes(verb)) {
    $("said").textContent = say("not-now", { verb: say(verb) });
    return;
  }
  const { version, number } = windows.get(mine).state; // what the clerk sees now, not when the dialog is closed
  if (verb === "transfer") fillTransfer(windows, mine);
  if (ASKED.includes(verb)) askFor(verb, (said) => sendVerb(verb, said, version, number), { number });
  else sendVerb(verb, {}, version, number);
}

const ABOUT_VISIT = ["add-service", "case"];

function sendVerb(verb, said, seen, number) {
  if (ABOUT_VISIT.includes(verb)) return send(`tickets/${encodeURIComponent(number)}/${verb}`, said);
  if (verb === "pause") return send(pathOf(verb), said);
  if (verb === "resume") return send(pathOf(verb), {});
  if (verb === "automatic") return send(pathOf(verb), { on: !windows.get(mine).automatic });
  return sendSeen(verb, said, seen);
}

const sendSeen = (verb, said, seen) => send(pathOf(verb), { ...said, seen }, `press ${seen}`);
const seenNow = () => windows.get(mine).state.version;

function pick(number) {
  const seen = seenNow();
  askFor("pick", (said) => sendSeen("pick", { ...said, visit: number }, seen), { number });
}

const goOn = (number) => sendSeen("pick", { visit: number }, seenNow());
const comeBack = (number) => send(`tickets/${encodeURIComponent(number)}/return`, {});
const takeBack = (verb) => sendSeen(verb, {}, seenNow());

const VERB_OF_KEY = Object.fromEntries(Object.entries(page.keys).map(([verb, key]) => [key.toLowerCase(), verb]));

function pressKey(key) {
  const verb = VERB_OF_KEY[key];
  if (verb === "take-back") {
    const [step] = stepsBack();
    if (step) takeBack(step);
    else $("said").textContent = say("nothing-back");
  } else if (verb === "resume" || verb === "pause") {
    press(mine && windows.get(mine).paused ? "resume" : "pause");
  } else if (verb) press(verb);
}

document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, textarea, select, dialog")) return;
  if (event.repeat) {
    // A key that is held down is one press, also on a button that has the focus.
    if (event.key === "Enter" || event.key === " ") event.preventDefault();
    return;
  }
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  // With an input method on, the browser hides the letter but not the key.
  const key = (event.key === "Process" ? event.code.replace("Key", "") : event.key).toLowerCase();
  if (!(key in VERB_OF_KEY)) return;
  event.preventDefault(); // the letter must not land in the field of a dialog that it opens
  pressKey(key);
});

for (const button of document.querySelectorAll("[data-verb]")) {
  button.addEventListener("click", () => press(button.dataset.verb));
}

$("leave").addEventListener("click", () => send(pathOf("sign-out"), {}));
$("wanted").addEventListener("input", drawChoice);
$("find").addEventListener("submit", (event) => {
  event.preventDefault();
  const wanted = $("wanted").value.trim().toLowerCase();
  const found = [...windows.values()].filter((window) => matches(window, wanted));
  const exact = found.find((window) => window.id === wanted) ?? (found.length === 1 ? found[0] : null);
  if (exact) signIn(exact.id);
  else $("said").textContent = say("none-found");
});

watch({});
draw();
$("wanted").focus();
