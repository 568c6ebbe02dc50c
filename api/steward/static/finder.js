// The search box in the header: arrow keys choose among the hits, Enter opens the chosen one, Escape closes the list.

const box = document.getElementById("finder");
const list = document.getElementById("finder-hits");

if (box) {
  box.addEventListener("keydown", onKey);
  box.addEventListener("focus", () => show(list.children.length > 0));
  box.form.addEventListener("focusout", (event) => {
    if (!box.form.contains(event.relatedTarget)) show(false);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target === list) choose(null), show(list.children.length > 0);
  });
}

function onKey(event) {
  const options = [...list.querySelectorAll("[role=option]")];
  const chosen = options.findIndex((one) => one.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const step = event.key === "ArrowDown" ? 1 : -1;
    const next = chosen < 0 && step < 0 ? options.length - 1 : (chosen + step + options.length + 1) % (options.length + 1);
    choose(options[next] ?? null);
    show(options.length > 0);
  } else if (event.key === "Enter" && chosen >= 0) {
    options[chosen].click();
  } else if (event.key === "Escape" && box.getAttribute("aria-expanded") === "true") {
    choose(null);
    show(false);
  } else return;
  event.preventDefault();
}

function choose(option) {
  for (const one of list.querySelectorAll("[aria-selected=true]")) one.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) box.setAttribute("aria-activedescendant", option.id);
  else box.removeAttribute("aria-activedescendant");
}

function show(open) {
  box.setAttribute("aria-expanded", String(open));
}
