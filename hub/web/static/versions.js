// The hall file on the admin's page: what changed in each version, going back to one, checking and applying a new one.
import { $, ask, attempt, make, onSubmit, say, wordsOf } from "./hub.js";

const told = $("hall-said");

function tell(text, diff = "") {
  told.replaceChildren(make("p", text));
  if (diff) told.append(make("pre", diff));
  told.focus();
}

// What became of a file: problems by line, or what changed.
async function put(path, body) {
  $("said").textContent = "";
  let answer;
  try {
    answer = await ask("POST", path, body);
  } catch {
    return tell(say("no-answer"));
  }
  const { problems, diff, applied, version } = answer.body ?? {};
  if (problems) return tell(wordsOf(answer.body), problems.map((each) => say("problem-line", each)).join("\n"));
  if (answer.status >= 400) return tell(wordsOf(answer.body));
  if (!diff) return tell(say("no-change"));
  return tell(applied ? say("applied", { version }) : say("checked"), diff);
}

const file = () => ({ source: $("hall-source").value, note: $("hall-note").value });

onSubmit("hall-file", () => put("hall/config", file()));
$("hall-check")?.addEventListener("click", () => put("hall/config?dry=1", file()));

for (const button of document.querySelectorAll("[data-diff]")) {
  button.addEventListener("click", async () => {
    const answer = await attempt(() => ask("GET", `hall/versions/${button.dataset.diff}`));
    if (answer) tell(`${say("version")} ${answer.body.version}`, answer.body.diff || say("no-change"));
  });
}

for (const button of document.querySelectorAll("[data-revert]")) {
  const name = button.dataset.revert;
  button.addEventListener("click", () => {
    if (confirm(say("sure-revert", { name }))) revert(Number(name));
  });
}

// The file in the form is the one in force then: applying it again must not undo this.
async function revert(version) {
  await put("hall/revert", { version });
  await showPresent();
}

async function showPresent() {
  const present = await attempt(() => ask("GET", "hall/config"));
  if (present) $("hall-source").value = $("hall-source").defaultValue = present.body.source;
}

if ($("hall-source")) await showPresent();
