// The desk: tickets for somebody, the look at papers, appointments, ratings for somebody, and how full the hall is.
import { $, ask, askOnce, attempt, fillSelect, make, onSubmit, page, poll, rangeOf, say, whyNot } from "./hub.js";

const LOOK_AGAIN_MS = 5000;

// -- tickets

function tellTicket(place, ticket) {
  const about = [say("before", { count: ticket.before }), rangeOf(ticket.range)].filter(Boolean).join(" · ");
  const where = ticket.state === "outside" ? [make("strong", say("outside"))] : [];
  place.replaceChildren(make("b", say("given", { number: ticket.number })), make("span", about), ...where);
}

onSubmit("draw", async () => {
  const fields = new FormData($("draw"));
  const plan = fields.getAll("plan").filter((service) => service !== fields.get("service"));
  const body = { ...Object.fromEntries(fields), party: Number(fields.get("party")), plan };
  const answer = await attempt(() => askOnce("tickets", body));
  $("drawn").replaceChildren();
  if (!answer) return;
  tellTicket($("drawn"), answer.body);
  $("draw").reset();
  lookAround();
});

// -- papers

function showPapers() {
  const papers = Object.entries(page.papers[$("check-service").value] ?? {});
  const boxes = papers.map(([id, name]) => {
    const label = make("label", "", { class: "check" });
    label.append(make("input", "", { type: "checkbox", name: "missing", value: id }), ` ${name}`);
    return label;
  });
  $("papers").replaceChildren($("papers").querySelector("legend"), ...boxes);
}

async function preCheck() {
  const fields = new FormData($("pre-check"));
  const body = { service: fields.get("service"), missing: fields.getAll("missing") };
  const answer = await attempt(() => askOnce("pre-checks", body));
  $("checked").replaceChildren();
  $("print").hidden = !answer;
  if (!answer) return;
  const { passed, code, missing } = answer.body;
  if (passed) {
    $("checked").append(make("b", say("passed", { code })));
    $("draw-service").value = body.service;
    $("draw-check").value = code;
  } else {
    const list = make("ul");
    list.append(...missing.map((paper) => make("li", paper.names[page.language])));
    $("checked").append(make("b", `${page.services[body.service]}: ${say("mend")}`), list);
  }
}

if ($("pre-check")) {
  showPapers();
  $("check-service").addEventListener("change", showPapers);
  onSubmit("pre-check", preCheck);
  $("print").addEventListener("click", () => print());
}

// -- appointments

async function showTimes() {
  const query = new URLSearchParams({ service: $("book-service").value, day: $("book-day").value });
  const answer = await attempt(() => ask("GET", `slots?${query}`));
  if (!answer) return;
  const free = answer.body.filter((slot) => slot.left > 0).map((slot) => [slot.time, say("slot", slot)]);
  fillSelect($("book-time"), free.length ? free : [["", say("no-slots")]]);
}

async function showBookings() {
  const answer = await attempt(() => ask("GET", `bookings?day=${encodeURIComponent($("book-day").value)}`));
  if (!answer) return;
  $("no-bookings").hidden = answer.body.length > 0;
  $("bookings").hidden = answer.body.length === 0;
  $("bookings").tBodies[0].replaceChildren(...answer.body.map(bookingLine));
}

function bookingLine(booking) {
  const row = make("tr");
  const state = [say(`booking-${booking.state}`), booking.number].filter(Boolean).join(" ");
  const cells = [page.services[booking.service] ?? booking.service, booking.party, booking.code, state];
  row.append(make("th", booking.time, { scope: "row" }), ...cells.map((text) => make("td", text)));
  const last = make("td");
  if (booking.state === "booked") {
    const name = `${say("cancel")} ${booking.time} ${booking.code}`;
    const button = make("button", say("cancel"), { type: "button", class: "quiet", "aria-label": name });
    button.addEventListener("click", () => cancel(booking));
    last.append(button);
  }
  row.append(last);
  return row;
}

async function cancel(booking) {
  if (!confirm(say("sure", { time: booking.time }))) return;
  if (await attempt(() => ask("DELETE", `bookings/${encodeURIComponent(booking.booking)}`))) showAppointments();
}

const showAppointments = async () => {
  await showTimes();
  await showBookings();
};

async function book(form) {
  const answer = await attempt(() => askOnce("bookings", { ...form, party: Number(form.party) }));
  $("booked").replaceChildren();
  if (!answer) return;
  $("booked").append(make("b", say("booked", answer.body)));
  $("book-id").value = ""; // nobody else shall read it
  showAppointments();
}

async function checkIn(form) {
  const answer = await attempt(() => askOnce("check-in", form));
  $("let-in").replaceChildren();
  if (!answer) return;
  tellTicket($("let-in"), answer.body);
  $("check-in").reset();
  showBookings();
  lookAround();
}

if ($("book")) {
  for (const id of ["book-service", "book-day"]) $(id).addEventListener("change", showAppointments);
  onSubmit("book", book);
  onSubmit("check-in", checkIn);
  showAppointments();
}

// -- rating, and leaving a contact, for somebody who cannot

async function forSomebody(path, body, place, tell) {
  const answer = await attempt(() => askOnce(path, body));
  place.textContent = answer ? tell(answer.body) : "";
  if (!answer) $("said").scrollIntoView({ block: "nearest" });
  return answer;
}

onSubmit("rate-for", async ({ number, level, text }) => {
  const path = `tickets/${encodeURIComponent(number.trim())}/rating`;
  const tell = ({ standing, window: at }) => {
    const about = { number: number.trim().toUpperCase(), level: say(`level-${level}`), window: page.windows[at] ?? at };
    return say(`for-${standing}`, about);
  };
  if (await forSomebody(path, { level: Number(level), text }, $("rated-for"), tell)) $("rate-for").reset();
});

onSubmit("contact-for", async ({ number, contact }) => {
  const path = `tickets/${encodeURIComponent(number.trim())}/contact`;
  const tell = () => say("contact-kept", { number: number.trim().toUpperCase() });
  if (await forSomebody(path, { contact }, $("contact-kept"), tell)) $("contact-for").reset();
});

// -- how full it is, and what is offered now

async function lookAround() {
  try {
    const { inside, capacity, outside } = await poll("occupancy");
    $("inside").textContent = say(capacity ? "inside-of" : "inside", { inside, capacity });
    $("outside").textContent = outside ? say("before-door", { count: outside }) : "";
    showOffered((await poll("services")).services);
  } catch (error) {
    $("inside").textContent = whyNot(error);
  }
}

function showOffered(services) {
  for (const { id, offered, next } of services) {
    const option = $("draw-service").querySelector(`option[value="${CSS.escape(id)}"]`);
    const service = page.services[id];
    if (option) option.textContent = offered ? service : next ? say("later", { service, time: next }) : say("not-today", { service });
  }
}

setInterval(lookAround, LOOK_AGAIN_MS);
lookAround();
