// The kiosk: opens a service, draws, shows the number, and makes the page ready for the next person.
//
// A draw that nobody answered is asked for again under the same key, so pressing again never makes a second ticket; what
// a person typed or chose stays until the ticket is there.
import { $, ask, askOnce, onSubmit, page, say, wordsOf, POLL } from "./hub.js";
import { keepRight, lookAgain } from "./again.js";

const LOOK_AGAIN_MS = 5000;
const SECOND_MS = 1000;

let offer = null; // the tile that is open; null for an appointment
let given = ""; // the visit of the number that is shown
let idle_s = 0;

// -- asking

function open(tile) {
  offer = tile;
  const part = (name) => tile?.querySelector(name)?.textContent ?? "";
  $("ask-title").textContent = tile ? tile.dataset.name : say("booked");
  $("ask-before").textContent = part(".before");
  $("ask-range").textContent = part(".range");
  $("draw").reset();
  $("people").value = "1";
  $("said").textContent = "";
  if ($("classes")) $("classes").hidden = !tile;
  $("party").hidden = !tile || Number(tile.dataset.party) < 2;
  $("coded").hidden = Boolean(tile) && !("code" in tile.dataset);
  $("ask").showModal();
  (($("coded").hidden ? null : $("code")) ?? $("give")).focus();
}

function request() {
  const code = $("code").value.trim();
  if (!offer) return ["check-in", { code }];
  const body = { service: offer.dataset.service, party: Number($("people").value) };
  const klass = new FormData($("draw")).get("class");
  if (klass) body.class = klass;
  if (!$("coded").hidden) body.check = code;
  return ["tickets", body];
}

onSubmit("draw", async () => {
  if (!$("coded").hidden && !$("code").value.trim()) {
    $("said").textContent = say("code-first");
    return;
  }
  $("give").disabled = true;
  $("said").textContent = "";
  try {
    const answer = await askOnce(...request());
    if (answer.status < 400) show(answer.body);
    else $("said").textContent = wordsOf(answer.body);
  } catch {
    $("said").textContent = say("no-answer");
  }
  $("give").disabled = false;
});

function step(by) {
  const people = Number($("people").value) + by;
  $("people").value = String(Math.min(Math.max(people, 1), Number(offer.dataset.party)));
}

function type(digit) {
  const { value, maxLength } = $("code");
  $("code").value = digit ? (value + digit).slice(0, maxLength) : value.slice(0, -1);
}

// -- the ticket

function show(ticket) {
  const { low_ms, high_ms } = ticket.range ?? {};
  const range = ticket.range ? say("range", { low: Math.floor(low_ms / 60000), high: Math.ceil(high_ms / 60000) }) : "";
  $("ask").close();
  $("number").textContent = ticket.number;
  $("given-about").textContent = [say("before", { count: ticket.before }), range].filter(Boolean).join(" · ");
  $("slip").hidden = $("print").hidden = true;
  $("outside").hidden = ticket.state !== "outside";
  $("qr").hidden = !page.has_code;
  if (page.has_code) $("qr").src = `/t/${ticket.visit}/code.svg?lang=${page.language}`;
  $("given").showModal();
  $("done").focus();
  given = ticket.visit;
  if (page.prints) print();
}

// The slip, or why there is none: the number on the glass is good all the same, and stays until it was seen.
async function print() {
  tellSlip("info", say("printing"));
  try {
    const answer = await ask("POST", `tickets/${given}/slip`, { language: page.language });
    if (answer.status < 400) tellSlip("good", say("printed"));
    else tellSlip("bad", `${wordsOf(answer.body)} ${say("good")}`);
  } catch {
    tellSlip("bad", `${say("no-answer")} ${say("good")}`);
  }
}

function tellSlip(tone, text) {
  $("slip").hidden = false;
  $("slip").dataset.tone = tone;
  $("slip").textContent = text;
  $("print").hidden = tone !== "bad";
}

// -- the next person

const isOpen = () => Boolean(document.querySelector("dialog[open]"));
const isAtStart = () => page.is_start && !isOpen() && !$("search")?.value;

// Ready for the next person, who may have touched the page already: then nothing is taken from under their finger. While
// the hub is away the page stays: a browser's own words for that help nobody.
async function startAgain() {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  if ($("search")) $("search").value = "";
  find();
  if (page.is_start) {
    lookAgain();
    return;
  }
  const answer = await fetch(page.start, { headers: POLL }).catch(() => null);
  if (answer?.ok && !isOpen()) location.replace(page.start);
}

function tick() {
  idle_s = isAtStart() ? 0 : idle_s + 1;
  const left_s = page.idle_s + page.warned_s - idle_s;
  if (left_s <= 0) {
    idle_s = 0;
    startAgain();
  } else if (left_s <= page.warned_s) {
    $("left").textContent = say("left", { count: left_s });
    if (!$("still").open) $("still").showModal();
  }
}

function touched() {
  idle_s = 0;
  if ($("still").open) $("still").close();
}

// -- looking for a service

function find() {
  if (!$("search")) return;
  const wanted = $("search").value.trim().toLowerCase();
  let count = 0;
  for (const item of document.querySelectorAll("[data-names]")) {
    item.hidden = !item.dataset.names.toLowerCase().includes(wanted);
    count += !item.hidden;
  }
  for (const part of document.querySelectorAll(".group")) part.hidden = !part.querySelector("li:not([hidden])");
  $("none").hidden = count > 0;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.matches(".offer")) open(button);
  else if (button.id === "booked") open(null);
  else if (button.id === "done") startAgain();
  else if (button.id === "print") print();
  else if (button.dataset.step) step(Number(button.dataset.step));
  else if (button.dataset.digit !== undefined) type(button.dataset.digit);
  else if ("close" in button.dataset) $("ask").close();
});
document.addEventListener("input", find);
for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, touched, true);
setInterval(tick, SECOND_MS);

keepRight({ every_ms: LOOK_AGAIN_MS, whether: () => !isOpen() && !$("search")?.value });
