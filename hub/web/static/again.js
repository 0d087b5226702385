// A page that the hub makes is kept right: it is asked for again, and what changed in it is changed.
//
// The new page is laid over the old one (vendor/idiomorph): what stays the same stays, so the focus is where it was and a
// list does not jump. What a person has done is theirs: what is typed, what is opened and what is chosen stays.
import { $, POLL, atMost, follow, showConnection } from "./hub.js";

const LEAST_MS = 1000;
const PART = "main";

// Asks for the page again, and lays it over the one that is there. Returns whether that was done.
export async function lookAgain() {
  const answer = await fetch(location.href, { headers: POLL }).catch(() => null);
  if (!answer || answer.status >= 500) return false;
  if (answer.redirected) location.assign(answer.url); // to the login
  else if (answer.ok) layOver(new DOMParser().parseFromString(await answer.text(), "text/html"));
  else location.reload(); // it says why it is not there any more
  return true;
}

function layOver(fresh) {
  document.title = fresh.title;
  globalThis.Idiomorph.morph($(PART), fresh.getElementById(PART), {
    callbacks: { beforeNodeMorphed: isTheirs, beforeAttributeUpdated: isToChange },
  });
}

// What is not laid over: an open dialog, a part that a script looks after (data-keep), and a field that somebody is in or
// has changed.
function isTheirs(old) {
  if (old.nodeType !== Node.ELEMENT_NODE) return true;
  return !(old.matches("dialog[open], [data-keep]") || isTyped(old));
}

function isTyped(field) {
  if (field === document.activeElement && field.matches("input, select, textarea")) return true;
  if (field.matches("select")) return [...field.options].some((option) => option.selected !== option.defaultSelected);
  return field.matches("input, textarea") && (field.value !== field.defaultValue || field.checked !== field.defaultChecked);
}

const isToChange = (name, old) => !(name === "open" && old.matches("details, dialog"));

// Keeps the page right for as long as it is there. It is asked for again when the live page says that something changed
// (`live`: what is followed, as {window: …} or {zone: …}; none: nothing), and every `every_ms` (0: never by itself) while
// `whether` says so.
export function keepRight({ live = null, every_ms = 0, whether = () => true }) {
  let isSettled = false;
  const look = atMost(LEAST_MS, lookAgain);
  const changed = () => {
    if (isSettled) look();
  };
  if (live) {
    const counts = () => {
      changed();
      isSettled = true; // the counts come last in each piece: what came before is what the page shows already
    };
    follow(live, { window: changed, board: changed, waiting: counts }, (connected) => {
      showConnection(connected);
      if (connected && isSettled) look();
    });
  }
  if (every_ms) every(every_ms, whether, live ? null : showConnection);
}

// Looks again and again, but not while nobody sees it.
function every(ms, whether, connected) {
  setInterval(async () => {
    if (document.hidden || !whether()) return;
    const isThere = await lookAgain();
    if (connected) connected(isThere);
  }, ms);
}
