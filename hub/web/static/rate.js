// Rating by phone: one form for each window that the visit was at. What was typed stays until the hub has it.
import { $, askOnce, attempt, say } from "./hub.js";

const path = `ratings/by-link/${location.pathname.split("/").pop()}`;

// Reasons that go with the chosen level; a bad one has its own.
function offerReasons(form) {
  const level = form.elements.level.value;
  const reasons = form.querySelector(".reasons");
  let count = 0;
  for (const label of reasons.querySelectorAll("label")) {
    const fits = label.dataset.levels.split(" ").includes(level);
    label.hidden = !fits;
    if (!fits) label.querySelector("input").checked = false;
    count += fits;
  }
  reasons.hidden = !count;
}

async function send(form) {
  const { level, text, name, contact } = form.elements;
  if (!level.value) {
    $("said").textContent = say("choose");
    form.querySelector("[name=level]").focus();
    return;
  }
  const body = {
    level: Number(level.value),
    stop: Number(form.dataset.stop),
    reasons: [...form.querySelectorAll("[name=reason]:checked")].map((box) => box.value),
    text: text.value,
    name: name.value,
    contact: contact.value,
  };
  const chosen = form.querySelector("[name=case]");
  if (chosen) body.case = chosen.value;
  const answer = await attempt(() => askOnce(path, body));
  if (!answer) return $("said").scrollIntoView();
  form.querySelector(".answer").textContent = say(`thanks-${answer.body.standing}`);
  text.value = text.defaultValue;
}

document.addEventListener("change", (event) => {
  if (event.target.name === "level") offerReasons(event.target.form);
});
document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = event.target.querySelector("button.primary");
  if (button.disabled) return;
  button.disabled = true;
  await send(event.target);
  button.disabled = false;
});
