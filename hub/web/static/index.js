// The hall index: the page is made by the hub; when a window opens, closes or pauses it is asked for again.
import { POLL, atMost, follow, showConnection } from "./hub.js";

const LOOK_AGAIN_MS = 5000;

const shown = new Map();
let isSettled = false;

const lookAgain = atMost(LOOK_AGAIN_MS, async () => {
  try {
    const answer = await fetch(location.href, { headers: POLL });
    if (answer.redirected) return location.assign(answer.url); // to the login
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.getElementById("main").replaceChildren(...fresh.getElementById("main").childNodes);
  } catch {
    // The banner says that the hub is away; the page is right again after the next change.
  }
});

// What the index says of a window: whether somebody works there.
const worksAs = (window) => (window.state.mode === "closed" ? `closed ${window.paused}` : "open");

follow(
  {},
  {
    window: (window) => {
      const before = shown.get(window.id);
      shown.set(window.id, worksAs(window));
      if (isSettled && before !== worksAs(window)) lookAgain();
    },
    waiting: () => (isSettled = true),
  },
  showConnection,
);
