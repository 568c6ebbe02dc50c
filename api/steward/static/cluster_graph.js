// Draws the cluster where the server placed it; a click asks why, chosen records are those ticked in the table.
import cytoscape from "./vendor/cytoscape.esm.min.mjs";

const canvas = document.getElementById("graph");
const panel = document.getElementById("panel");
const form = document.getElementById("records");
const address = location.pathname;
const SOURCES = [0, 1, 2, 3, 4, 5, 6, 7].map((number) => `source${number}`);

/** Everything in view, a few nodes not larger than life. */
function showAll() {
  cy.fit(undefined, 30);
  if (cy.zoom() > 1.4) cy.zoom(1.4).center();
}

/** The colours of the page's style sheet as the browser works them out now, light or dark. */
function colours(...names) {
  const probe = document.createElement("span");
  probe.className = "probe";
  document.body.append(probe);
  const found = names.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color];
  });
  probe.remove();
  return Object.fromEntries(found);
}

function look() {
  const c = colours("ink", "quiet", "rule", "paper", "card", "link", "same", "different", "good", "bad", "warn", ...SOURCES);
  return [
    { selector: "node", style: { label: "data(label)", color: c.ink, "font-size": 10, "min-zoomed-font-size": 8, "text-valign": "bottom", "text-margin-y": 3, "text-max-width": 110, "text-wrap": "ellipsis", "text-outline-color": c.card, "text-outline-width": 2 } },
    { selector: ".record", style: { shape: "ellipse", width: 22, height: 22, "border-width": 1, "border-color": c.ink } },
    ...SOURCES.map((source) => ({ selector: `.${source}`, style: { "background-color": c[source] } })),
    { selector: ".visitor", style: { shape: "round-rectangle" } },
    { selector: ".organisation", style: { shape: "rectangle" } },
    { selector: ".founder", style: { "border-width": 6, "border-style": "double" } },
    { selector: ".articulation", style: { shape: "octagon", "border-width": 4, "border-color": c.bad, width: 28, height: 28 } },
    { selector: ".nearby", style: { "background-opacity": 0.3, "border-style": "dashed", "border-color": c.quiet } },
    { selector: ".identifier", style: { shape: "diamond", width: 14, height: 14, "background-color": c.paper, "border-width": 1.5, "border-color": c.quiet } },
    { selector: ".demoted", style: { "border-style": "dashed", "border-color": c.warn, "border-width": 2.5 } },
    { selector: ".blocked", style: { "border-style": "dashed", "border-color": c.bad, "border-width": 2.5 } },
    { selector: "edge", style: { "curve-style": "haystack", "line-color": c.quiet, width: "data(width)", opacity: 0.8 } },
    { selector: ".holds", style: { width: 1, opacity: 0.45 } },
    { selector: ".match.counts", style: { "line-color": c.same } },
    { selector: ".idle", style: { "line-style": "dotted", width: 1.2 } },
    { selector: ".judged.same", style: { "line-color": c.good, width: 4, label: "same", color: c.good, "font-size": 9 } },
    { selector: ".judged.different", style: { "line-color": c.different, "line-style": "dashed", width: 2, label: "different", color: c.different, "font-size": 9 } },
    { selector: ".refused", style: { "line-color": c.different, width: 2, label: "refused", color: c.different, "font-size": 9 } },
    { selector: ".bridge", style: { "line-color": c.bad, "line-style": "dashed", width: 4 } },
    { selector: ".bridge.match", style: { label: "bridge", color: c.bad, "font-size": 9, "min-zoomed-font-size": 8 } },
    { selector: ":selected", style: { "overlay-color": c.link, "overlay-opacity": 0.25, "overlay-padding": 5 } },
  ];
}

const cy = cytoscape({
  container: canvas,
  elements: JSON.parse(document.getElementById("elements").textContent),
  style: look(),
  layout: { name: "preset", fit: false },
  boxSelectionEnabled: true,
  hideEdgesOnViewport: false,
  textureOnViewport: true,
  minZoom: 0.02,
  maxZoom: 4,
});
showAll();
canvas.dataset.drawn = String(cy.nodes().length);
document.addEventListener("themechange", () => cy.style(look()));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => cy.style(look()));

const ask = (what, values) => htmx.ajax("GET", `${address}/${what}`, { target: panel, values });

cy.on("tap", "edge", ({ target }) => {
  if (target.data("kind") === "HOLDS") describe(target.target().data());
  else ask("link", { left: target.data("source"), right: target.data("target") });
});
cy.on("tap", ".record", ({ target, originalEvent }) => {
  if (!originalEvent.shiftKey) ask("record", { record: target.id() });
});
cy.on("tap", ".identifier", ({ target }) => describe(target.data()));

/** What is known of an identifier, beside the graph; its values are text, never markup. */
function describe(identifier) {
  const title = document.createElement("h2");
  title.textContent = `${identifier.kind.replaceAll("_", " ")}: ${identifier.value}`;
  const list = document.createElement("dl");
  const others = identifier.otherProfiles.length;
  for (const [name, value] of [
    ["State", identifier.state.toLowerCase()],
    ["Why it does not link", identifier.reason],
    ["Records that hold it", identifier.holderCount],
    ["Other profiles among them", others || "none"],
  ]) {
    if (value === "" || value === null) continue;
    const term = document.createElement("dt");
    term.textContent = name;
    const told = document.createElement("dd");
    told.textContent = value;
    list.append(term, told);
  }
  panel.replaceChildren(title, list);
  for (const id of identifier.otherProfiles.slice(0, 10)) {
    const line = document.createElement("p");
    const link = document.createElement("a");
    link.href = `../${encodeURIComponent(id)}`;
    link.textContent = id;
    line.append(link);
    panel.append(line);
  }
}

// The ticks of the table and the selection of the graph are one thing.
const ticks = new Map([...form.querySelectorAll("input[name=part]")].map((tick) => [tick.value, tick]));
cy.on("select unselect", ".record", ({ target }) => {
  const tick = ticks.get(target.id());
  if (tick) tick.checked = target.selected();
  count();
});
form.addEventListener("change", (event) => {
  cy.getElementById(event.target.value)[event.target.checked ? "select" : "unselect"]();
});
document.querySelector("[data-choose-none]")?.addEventListener("click", () => {
  cy.$(":selected").unselect();
});
function count() {
  for (const one of document.querySelectorAll("[data-chosen-count]")) one.textContent = form.querySelectorAll("input[name=part]:checked").length;
}
for (const [key, tick] of ticks) if (tick.checked) cy.getElementById(key).select();

document.addEventListener("click", (event) => {
  const { why, ...values } = event.target.closest("[data-why]")?.dataset ?? {};
  if (why) ask(why, values);
  const step = event.target.closest("[data-zoom]")?.dataset.zoom;
  if (step === "fit") showAll();
  else if (step) cy.zoom({ level: cy.zoom() * (step === "in" ? 1.3 : 1 / 1.3), renderedPosition: { x: canvas.clientWidth / 2, y: canvas.clientHeight / 2 } });
});
