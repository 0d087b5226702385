// The dialogs of the clerk's page: what is said with a press (a reason, a service, where to).
import { $, page, say, make } from "./hub.js";

let answer = () => {};
let about = ""; // what is asked for, of whom
let refused = ""; // what could not be done with what was said last

// Opens the dialog of `verb`; `then` gets what was said, unless it was closed without, and returns whether it was done.
// After a refusal what was typed is still there, for the same person.
export function askFor(verb, then, holes = {}) {
  const dialog = $(`ask-${verb}`);
  about = `${verb} ${holes.number}`;
  if (about !== refused) dialog.querySelector("form").reset();
  dialog.querySelector("h2").textContent = say(`ask-${verb}`, holes);
  answer = then;
  dialog.showModal();
  dialog.querySelector("input, select").focus();
}

export function closeQuestions() {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
}

// Where somebody can be sent: services, and windows and clerks that are there.
export function fillTransfer(windows, mine) {
  const staffed = [...windows.values()].filter((window) => window.clerk && window.id !== mine);
  $("transfer-to").replaceChildren(
    group("service", Object.entries(page.services), (id) => `service:${id}`),
    group("window", staffed.map((window) => [window.id, window.names[page.language]]), (id) => `to_window:${id}`),
    group("clerk", staffed.map((window) => [window.clerk, window.clerk]), (name) => `to_clerk:${name}`),
  );
}

function group(kind, pairs, value) {
  const made = make("optgroup", "", { label: say(kind) });
  made.append(...pairs.map(([id, name]) => make("option", name, { value: value(id) })));
  return made;
}

// Fields of the form as the API has them: where to is one choice on the page and one of three keys there.
function said(form) {
  const { to, ...fields } = Object.fromEntries(new FormData(form));
  if (to === undefined) return fields;
  const colon = to.indexOf(":");
  return { ...fields, [to.slice(0, colon)]: to.slice(colon + 1) };
}

for (const form of document.querySelectorAll("[data-ask]")) {
  form.addEventListener("submit", async () => {
    const asked = about;
    refused = (await answer(said(form))) ? "" : asked;
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("select")) return;
    event.preventDefault(); // a browser would open the list; here Enter means the same in every field
    form.requestSubmit();
  });
  form.querySelector("[data-close]").addEventListener("click", () => form.closest("dialog").close());
}
