// Beside the counter: who waits for this window, who is on hold, who missed their call, what can be taken back, and why
// the person at the window was called.
import { $, atMost, make, minutes, page, poll, rangeOf, say } from "./hub.js";

// The line changes with each ticket that is drawn anywhere; nobody reads it sooner again.
const LOOK_AGAIN_MS = 1000;

let wanted = null;
let shown = null;
let act = {};

// Looks at the line of `window`, now or soon. `acts`: what the buttons in it do.
export function lookAtLine(window, acts) {
  if (window !== wanted) shown = null;
  wanted = window;
  act = acts;
  look();
}

export function forgetLine() {
  wanted = shown = null;
}

// Verbs with which a step can be taken back now.
export const stepsBack = () => Object.keys(shown?.take_back ?? {});

const look = atMost(LOOK_AGAIN_MS, async () => {
  const window = wanted;
  if (!window) return;
  try {
    const line = await poll(`windows/${encodeURIComponent(window)}/line`);
    if (window === wanted) draw(line);
  } catch {
    // The page says already that the hub is away, and looks again when it is back.
  }
});

function draw(line) {
  shown = line;
  drawHere(line.here);
  drawStepsBack(line.take_back);
  $("nobody").hidden = line.waiting.length > 0;
  drawPeople($("people"), line.waiting, (person, place) =>
    place === 0 ? null : button("pick", person.number, act.pick),
  );
  const rest = line.count - line.waiting.length;
  $("more").hidden = rest <= 0;
  $("more").textContent = say("and-more", { count: rest });
  $("hold-title").hidden = line.hold.length === 0;
  drawPeople($("held"), line.hold, (person) => button("go-on", person.number, act.goOn));
  $("missed-title").hidden = line.missed.length === 0;
  drawPeople($("gone"), line.missed, (person) => button("come-back", person.number, act.comeBack));
}

function drawHere(here) {
  if (!here) {
    $("about").textContent = $("why").textContent = "";
    return;
  }
  const plan = here.plan.map((service) => page.services[service] ?? service);
  const more = plan.length ? say("then", { services: plan.join(" → ") }) : "";
  const file = here.case ? say("case-is", { case: here.case }) : "";
  $("about").textContent = [...facts(here), more, file].filter(Boolean).join(" · ");
  $("why").textContent = here.why[page.language];
}

function drawStepsBack(steps) {
  const buttons = Object.entries(steps).map(([verb, number]) => {
    const made = make("button", "", { type: "button", class: "key" });
    made.append(make("span", say(verb, { number })));
    made.addEventListener("click", () => act.takeBack(verb));
    return made;
  });
  buttons[0]?.append(" ", make("kbd", page.keys["take-back"]));
  $("take-back").hidden = buttons.length === 0;
  $("take-back").replaceChildren(...buttons);
}

// Draws a list again, and leaves the focus where it was.
function drawPeople(list, people, buttonFor) {
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.number : null;
  list.replaceChildren(...people.map((person, place) => personLine(person, buttonFor(person, place))));
  if (focused) list.querySelector(`[data-number="${CSS.escape(focused)}"]`)?.focus();
}

function personLine(person, last) {
  const item = make("li");
  const about = make("span", "", { class: "facts" });
  about.append(make("b", person.number), make("span", facts(person).join(" · ")));
  about.append(make("small", [say("waited", { time: minutes(person.since_ms) }), rangeOf(person.range)].filter(Boolean).join(" · ")));
  item.append(about);
  if (last) item.append(last);
  return item;
}

function facts(person) {
  const klass = person.class === "walk-in" ? "" : (page.classes[person.class] ?? say("appointment"));
  return [
    page.services[person.service] ?? person.service,
    klass,
    person.due && say("due", { time: person.due }),
    person.party > 1 ? say("people", { count: person.party }) : "",
  ].filter(Boolean);
}

function button(word, number, work) {
  const made = make("button", say(word), { type: "button", "data-number": number, "aria-label": `${say(word)} ${number}` });
  made.addEventListener("click", () => work(number));
  return made;
}
