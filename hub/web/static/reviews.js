// Marks on ratings: leaving them out is proposed by one person and agreed to by another. What is wrong is said there.
import { askOnce, say, wordsOf } from "./hub.js";

async function act(form, button) {
  const said = form.querySelector(".said");
  const text = form.elements.text;
  said.textContent = "";
  text.removeAttribute("aria-invalid");
  button.setAttribute("aria-disabled", "true");
  try {
    const answer = await askOnce(`marks/${encodeURIComponent(form.dataset.mark)}/${button.value}`, { text: text.value });
    if (answer.status < 400) return location.reload();
    said.textContent = wordsOf(answer.body);
    if (answer.body.code === "words-needed") {
      text.setAttribute("aria-invalid", "true");
      text.focus();
    }
  } catch {
    said.textContent = say("no-answer");
  }
  button.removeAttribute("aria-disabled");
}

for (const form of document.querySelectorAll("form.mark")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!event.submitter?.hasAttribute("aria-disabled")) act(form, event.submitter);
  });
}
