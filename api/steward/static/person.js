// The moment that a person's page shows, records that are dragged, and ids that are copied.

const typed = document.getElementById("as-of");
const slide = document.getElementById("slide");
const told = document.getElementById("moment-told");

/** Say something to who cannot see it happen. */
function announce(text) {
  document.getElementById("announcer").textContent = text;
}

/** The day or minute that the slider stands at, as the date field has it; nothing at its end, which is now. */
function slidTo() {
  if (Number(slide.value) >= Number(slide.max)) return "";
  const minutes = Number(slide.dataset.minutes);
  const at = new Date(Date.parse(slide.dataset.first) + Number(slide.value) * minutes * 60_000);
  return at.toISOString().slice(0, minutes === 1 ? 16 : 10);
}

function show(moment) {
  typed.value = moment;
  told.textContent = moment ? moment.replace("T", " ") : "now";
  const address = new URL(location);
  if (moment) address.searchParams.set("asOf", moment);
  else address.searchParams.delete("asOf");
  history.replaceState(null, "", address);
  document.body.dispatchEvent(new Event("moment"));
  announce(moment ? `As of ${moment}` : "As of now");
}

function slideTo(moment) {
  if (!moment) slide.value = slide.max;
  else slide.value = Math.floor((Date.parse(`${moment.length > 10 ? moment : `${moment}T00:00`}Z`) - Date.parse(slide.dataset.first)) / 60_000 / Number(slide.dataset.minutes));
}

if (slide) {
  slide.addEventListener("input", () => { told.textContent = slidTo().replace("T", " ") || "now"; });
  slide.addEventListener("change", () => show(slidTo()));
  typed.addEventListener("change", () => { slideTo(typed.value); show(typed.value); });
  typed.form.addEventListener("submit", (event) => { event.preventDefault(); slideTo(typed.value); show(typed.value); });
  document.getElementById("now").addEventListener("click", () => { slideTo(""); show(""); });
}

document.addEventListener("click", (event) => {
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    navigator.clipboard?.writeText(document.querySelector(copy.dataset.copy).textContent);
    announce("The id is copied.");
  }
  const before = event.target.closest("[data-moment]");
  if (before && slide) {
    const minute = typed.type === "datetime-local";
    const step = minute ? 60_000 : 86_400_000;
    const moment = new Date(Date.parse(before.dataset.moment) - step).toISOString().slice(0, minute ? 16 : 10);
    slideTo(moment);
    show(moment);
    document.getElementById("moment").scrollIntoView();
  }
});

// A record is dragged onto another profile, or onto "a profile of its own": the same dialogs as by button.
let dragged = null;
document.addEventListener("dragstart", (event) => {
  const handle = event.target.closest("[data-record]");
  if (!handle) return;
  dragged = { record: handle.dataset.record, home: handle.closest("[data-drag-from]").dataset.dragFrom };
  event.dataTransfer.setData("text/plain", handle.dataset.record);
  event.dataTransfer.effectAllowed = "move";
  document.body.classList.add("dragging");
});
document.addEventListener("dragend", () => { dragged = null; document.body.classList.remove("dragging"); });

function target(event) {
  const zone = event.target.closest("[data-drop], [data-drop-alone]");
  const own = zone?.closest("[data-drag-from]")?.dataset.dragFrom === dragged?.home && zone?.hasAttribute("data-drop");
  return dragged && !own ? zone : null;
}
document.addEventListener("dragover", (event) => { if (target(event)) event.preventDefault(); });
document.addEventListener("drop", (event) => {
  const zone = target(event);
  if (!zone) return;
  event.preventDefault();
  const base = dragged.home.slice(0, dragged.home.lastIndexOf("/people/"));
  const alone = zone.dataset.dropAlone;
  const values = alone
    ? { act: "detach", id: alone, record: dragged.record, next: dragged.home }
    : { record: dragged.record, to: zone.dataset.drop, next: dragged.home };
  window.htmx.ajax("POST", alone ? `${base}/decisions/rehearse` : `${dragged.home}/move`, { target: "#dialog", values });
});
