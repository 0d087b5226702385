// Makes the first admin with the token of the link, and logs in.
import { ask, attempt, onSubmit, page } from "./hub.js";

onSubmit("setup", async (form) => {
  const made = await attempt(() => ask("POST", "setup", { token: page.token, ...form }));
  if (made && (await attempt(() => ask("POST", "login", form)))) location.assign("/admin");
});
