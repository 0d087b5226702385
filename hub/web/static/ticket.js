// A ticket on its holder's phone: kept right while something can still come, and the buttons, which need a script.
import { $, ask, attempt, say } from "./hub.js";
import { keepRight, lookAgain } from "./again.js";

const LOOK_AGAIN_MS = 15000;

const path = `tickets/${location.pathname.split("/").pop()}`;

async function act(verb) {
  if (verb === "cancel" && !confirm(say("sure"))) return;
  const body = verb === "postpone" ? { minutes: Number($("minutes").value) } : {};
  if (await attempt(() => ask("POST", `${path}/${verb}`, body))) await lookAgain();
}

document.addEventListener("click", (event) => {
  const { verb } = event.target.dataset;
  if (verb) act(verb);
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) lookAgain(); // out of a pocket
});

document.body.classList.add("has-script");
keepRight({ every_ms: LOOK_AGAIN_MS, whether: () => $("ticket").dataset.lasts === "true" });
