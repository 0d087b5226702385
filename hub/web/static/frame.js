// The frame of staff's pages: leaving. A page with a header of its own may have no way out.
import { $, ask, attempt } from "./hub.js";

$("log-out")?.addEventListener("click", async () => {
  await attempt(() => ask("POST", "logout"));
  location.assign("/login");
});
