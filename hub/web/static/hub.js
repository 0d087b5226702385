// What all pages share: their words, asking the hub, and following what changes.

export const page = JSON.parse(document.getElementById("page").textContent);

export const $ = (id) => document.getElementById(id);

// The words of `key` with {holes} filled in.
export function say(key, holes = {}) {
  return page.words[key].replace(/\{(\w+)\}/g, (whole, name) => (name in holes ? String(holes[name]) : whole));
}

// An element with its text. Text is only ever set as text: what people and devices say is never read as HTML.
export function make(tag, text = "", attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

// How long an answer may take. A clerk who waits longer presses again.
const ANSWER_MS = 5000;

// What a page asks again and again by itself has this header: a screen that nobody uses is logged out all the same.
export const POLL = { "X-Poll": "1" };

// {status, body} of a request; body null when there is none. Throws TypeError or a time-out when nobody answers.
export async function ask(method, path, body, key = newKey(), headers = {}) {
  const request = { method, headers: { ...headers }, signal: AbortSignal.timeout(ANSWER_MS) };
  if (method !== "GET") {
    request.headers["Content-Type"] = "application/json";
    request.headers["Idempotency-Key"] = key;
    if (method === "POST") request.body = JSON.stringify(body ?? {});
  }
  const answer = await fetch(`/api/v1/${path}`, request);
  if (answer.status === 401 && path !== "login" && !isTyped()) return toLogin();
  if (answer.status === 401 && path !== "login") waitForLogin();
  const text = await answer.text();
  return { status: answer.status, body: text ? JSON.parse(text) : null };
}

// The body of what is asked for again and again. Throws an error for whatever is not an answer, with its `status`.
export async function poll(path) {
  const answer = await ask("GET", path, null, "", POLL);
  if (answer.status >= 400) throw Object.assign(new Error(`${path}: ${answer.status}`), { status: answer.status });
  return answer.body;
}

// What was asked for and not answered, and its key. It may have happened all the same.
const unanswered = new Map();
const REPEAT_MS = 60000;

// Asks for something new. Asked again in the same words after no answer came, it is the same request: a person who
// presses again gets one ticket.
export async function askOnce(path, body) {
  const what = `${path} ${JSON.stringify(body)}`;
  const key = unanswered.get(what) ?? newKey();
  unanswered.set(what, key);
  try {
    const answer = await ask("POST", path, body, key);
    unanswered.delete(what);
    return answer;
  } catch (error) {
    setTimeout(() => unanswered.delete(what), REPEAT_MS);
    throw error;
  }
}

function newKey() {
  const random = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Whether somebody has typed what would be lost with the page, or has not closed what is told once.
function isTyped() {
  const fields = document.querySelectorAll('form[method="post"] :is(input, textarea), dialog[open] :is(input, textarea)');
  return [...fields].some((field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked);
}

let isWaiting = false;

// Says that one must log in, in another tab, until that has happened.
function waitForLogin() {
  $("log-in-again").hidden = false;
  if (isWaiting) return;
  isWaiting = true;
  const timer = setInterval(async () => {
    const answer = await fetch("/api/v1/me", { headers: POLL }).catch(() => null);
    if (!answer?.ok) return;
    clearInterval(timer);
    isWaiting = false;
    $("log-in-again").hidden = true;
  }, AGAIN_MS);
}

function toLogin() {
  location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
  return new Promise(() => {});
}

// The words of a refusal or a problem.
export function wordsOf(body) {
  return body?.message?.[page.language] ?? say("no-answer");
}

// Runs `work` for a form or a button; what goes wrong is said in #said.
export async function attempt(work) {
  const said = $("said");
  said.textContent = "";
  try {
    const answer = await work();
    if (answer.status >= 400) said.textContent = wordsOf(answer.body);
    return answer.status < 400 ? answer : null;
  } catch {
    said.textContent = say("no-answer");
    return null;
  }
}

// A form that is not on the page is not for whoever looks at it.
export function onSubmit(id, work) {
  $(id)?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = event.target.querySelector("button");
    if (button?.disabled) return;
    if (button) button.disabled = true;
    await work(Object.fromEntries(new FormData(event.target)));
    if (button) button.disabled = false;
  });
}

// `draw`, once for all the events that come together: the first piece has every window of the hall.
export function soon(draw) {
  let timer = 0;
  return () => {
    timer ||= setTimeout(() => {
      timer = 0;
      draw();
    });
  };
}

// `work`, at once and then at most every `ms`; what is asked for in between happens once, at the end.
export function atMost(ms, work) {
  let timer = 0;
  let again = false;
  return function asked() {
    if (timer) {
      again = true;
      return;
    }
    again = false;
    work();
    timer = setTimeout(() => {
      timer = 0;
      if (again) asked();
    }, ms);
  };
}

// Options of a select: [value, text] pairs.
export function fillSelect(select, pairs) {
  select.replaceChildren(...pairs.map(([value, text]) => make("option", text, { value })));
}

// A duration in whole minutes, for people.
export const minutes = (ms) => say("minutes", { count: Math.round(ms / 60000) });

// The expected range, or nothing when nobody can say.
export const rangeOf = (range) =>
  range ? say("range", { low: Math.floor(range.low_ms / 60000), high: Math.ceil(range.high_ms / 60000) }) : "";

// Whether version a = [hub epoch, revision] is newer than b. Order comes from versions, never from time.
export const isNewer = (a, b) => !b || a[0] > b[0] || (a[0] === b[0] && a[1] > b[1]);

// The hub sends a sign of life every 15 s; after twice that and some the line is dead, whatever the browser thinks.
const SILENCE_MS = 35000;
const AGAIN_MS = 1000;

// Follows /api/v1/live?query: `on` has a function for each kind of event, `connected(true|false)` is told each change.
// It connects again for ever. Returns how to stop.
export function follow(query, on, connected) {
  let source, silence, timer;
  let stopped = false;
  let isFirst = true;

  function open() {
    source = new EventSource(`/api/v1/live?${new URLSearchParams(query)}`);
    source.onerror = again;
    for (const kind of ["window", "board", "waiting", "beat"]) {
      source.addEventListener(kind, (event) => {
        heard();
        on[kind]?.(JSON.parse(event.data));
      });
    }
    isFirst = true;
    watch();
  }

  function heard() {
    if (isFirst) connected(true);
    isFirst = false;
    watch();
  }

  function watch() {
    clearTimeout(silence);
    silence = setTimeout(again, SILENCE_MS);
  }

  function again() {
    source.close();
    clearTimeout(silence);
    clearTimeout(timer);
    if (stopped) return;
    connected(false);
    timer = setTimeout(check, AGAIN_MS * (1 + Math.random()));
  }

  // A stream that was refused does not tell why: ask something else, which leads to the login if that is the reason.
  async function check() {
    try {
      await poll(page.anonymous ? "hall" : "me");
      if (!stopped) open();
    } catch {
      again();
    }
  }

  open();
  return () => {
    stopped = true;
    source.close();
    clearTimeout(silence);
    clearTimeout(timer);
  };
}

// What to say in the place of what could not be asked for: nothing while one must log in, which is said already.
export const whyNot = (error) => (error.status === 401 ? "" : say("offline"));

// Says plainly that the hub is away; more words may follow.
export function showConnection(isConnected, more = "") {
  const banner = $("connection");
  banner.textContent = isConnected ? "" : [say("offline"), more].filter(Boolean).join(" ");
  banner.hidden = isConnected;
}
