// One bad rating: the next step, with what this step asks for.
import { $, askOnce, attempt, onSubmit, page } from "./hub.js";

function showFields() {
  for (const field of document.querySelectorAll("#step [data-for]")) {
    field.hidden = !field.dataset.for.split(" ").includes($("verb").value);
  }
}

onSubmit("step", async (given) => {
  const body = { seen: page.seen, text: given.text };
  const asks = (name) => !document.querySelector(`#step [name=${name}]`).closest("[data-for]").hidden;
  if (asks("how")) body.how = given.how;
  if (asks("ground")) body.ground = given.ground;
  if (asks("days")) body.days = Number(given.days);
  if (asks("content")) body.content = given.content === "on";
  const done = await attempt(() => askOnce(`reviews/${encodeURIComponent(page.review)}/${given.verb}`, body));
  if (done) location.reload();
});

$("verb")?.addEventListener("change", showFields);
if ($("verb")) showFields();
