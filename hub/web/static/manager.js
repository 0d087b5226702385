// The hall, run from a desk: kept right by itself; a window is opened, closed and paused, a ticket moved or brought back.
import { $, ask, askOnce, onSubmit, say, wordsOf } from "./hub.js";
import { keepRight, lookAgain } from "./again.js";

let opened = "";

function open(tile) {
  opened = tile.dataset.window;
  $("window-title").textContent = tile.dataset.name;
  $("window-said").textContent = "";
  for (const form of $("window").querySelectorAll("[data-for]")) {
    form.hidden = !form.dataset.for.split(" ").includes(tile.dataset.state);
  }
  $("window").showModal();
}

// Asks, and says in `place` what came of it. Returns whether it was done.
async function done(place, work) {
  place.textContent = "";
  try {
    const answer = await work();
    if (answer.status < 400) return true;
    place.textContent = wordsOf(answer.body);
  } catch {
    place.textContent = say("no-answer");
  }
  return false;
}

document.addEventListener("click", (event) => {
  const tile = event.target.closest(".tile");
  if (tile) open(tile);
});

document.addEventListener("submit", async (event) => {
  const { verb } = event.target.dataset;
  if (!verb) return;
  event.preventDefault();
  const body = Object.fromEntries(new FormData(event.target));
  const path = `windows/${encodeURIComponent(opened)}/${verb}`;
  if (!(await done($("window-said"), () => ask("POST", path, body)))) return;
  $("window").close();
  lookAgain();
});

onSubmit("ticket", async ({ number, what }) => {
  const path = `tickets/${encodeURIComponent(number.trim().toUpperCase())}`;
  const asked = what === "return" ? [`${path}/return`, {}] : [`${path}/move`, { service: what }];
  $("moved").textContent = "";
  if (!(await done($("said"), () => askOnce(...asked)))) return;
  $("moved").textContent = say("moved", { number: number.trim().toUpperCase() });
  $("ticket").reset();
  lookAgain();
});

keepRight({ live: {}, every_ms: 30000 });
