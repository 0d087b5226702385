// Logs in, then goes where one wanted to go.
import { $, ask, attempt, onSubmit, page } from "./hub.js";

onSubmit("login", async (form) => {
  const answer = await attempt(() => ask("POST", "login", form));
  if (answer) location.assign(page.next || page.home[answer.body.role] || "/");
  else $("password").select();
});
