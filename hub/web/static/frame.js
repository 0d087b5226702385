// The frame of staff's pages: leaving.
import { $, ask, attempt } from "./hub.js";

$("log-out").addEventListener("click", async () => {
  await attempt(() => ask("POST", "logout"));
  location.assign("/login");
});
