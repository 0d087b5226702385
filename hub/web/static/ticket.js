// A ticket on its holder's phone: the page is made by the hub, and asked for again while something can still come.
import { $, POLL, ask, attempt, say, showConnection } from "./hub.js";

const LOOK_AGAIN_MS = 15000;

const path = `tickets/${location.pathname.split("/").pop()}`;
let timer = 0;

async function lookAgain() {
  clearTimeout(timer);
  if (document.hidden) return; // a phone in a pocket; it looks again when it is taken out
  try {
    const answer = await fetch(location.href, { headers: POLL });
    if (answer.status === 404) return location.reload(); // the day is over
    if (answer.ok) draw(new DOMParser().parseFromString(await answer.text(), "text/html"));
    showConnection(answer.ok);
  } catch {
    showConnection(false);
  }
  waitAndLook();
}

function draw(fresh) {
  document.title = fresh.title;
  if ($("ticket").contains(document.activeElement)) return; // somebody chooses
  $("ticket").replaceWith(fresh.getElementById("ticket"));
  offer();
}

// Without this script nothing would happen at a press, so the buttons come with it.
function offer() {
  const acts = $("ticket").querySelector(".acts");
  if (acts) acts.hidden = false;
}

function waitAndLook() {
  clearTimeout(timer);
  if ($("ticket").dataset.lasts === "true") timer = setTimeout(lookAgain, LOOK_AGAIN_MS);
}

async function act(verb) {
  if (verb === "cancel" && !confirm(say("sure"))) return;
  const body = verb === "postpone" ? { minutes: Number($("minutes").value) } : {};
  const done = await attempt(() => ask("POST", `${path}/${verb}`, body));
  document.activeElement?.blur();
  if (done) await lookAgain();
}

document.addEventListener("click", (event) => {
  const { verb } = event.target.dataset;
  if (verb) act(verb);
});
document.addEventListener("visibilitychange", lookAgain);

offer();
waitAndLook();
