// Keys, dialogs and the theme: what every page of the workbench does without asking the server.

const dialog = document.getElementById("dialog");
const shortcuts = document.getElementById("shortcuts");

/** Say something to who cannot see it happen. */
export function announce(text) {
  document.getElementById("announcer").textContent = text;
}

// Requests of htmx repeat the session's secret.
document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-Onefold-Secret"] = document.querySelector('meta[name="secret"]').content;
});

// A form that htmx has not taken up yet waits for the next press: sent as an address it would ask for nothing.
document.addEventListener("submit", (event) => {
  if (event.target.method === "get" && !event.target.hasAttribute("action")) event.preventDefault();
});

// What is swapped into the dialog opens it; an error opens it too, wherever it was asked for.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status >= 400 && !event.detail.target.hasAttribute("data-shows-errors")) event.detail.target = dialog;
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== dialog) return;
  if (!dialog.open) dialog.showModal();
  const first = dialog.querySelector("[autofocus]") ?? dialog.querySelector("button");
  if (first) first.focus();
});
document.addEventListener("htmx:sendError", () => announce("The service did not answer: try again."));

document.addEventListener("click", (event) => {
  const button = event.target.closest("button, a");
  if (!button) return;
  if (button.hasAttribute("data-close")) button.closest("dialog").close();
  if (button.hasAttribute("data-theme-toggle")) toggleTheme();
  if (button.hasAttribute("data-shortcuts")) listShortcuts();
});
dialog.addEventListener("close", () => dialog.replaceChildren());

function toggleTheme() {
  const dark = getComputedStyle(document.documentElement).colorScheme.includes("dark");
  const isDark = document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches && dark;
  document.documentElement.dataset.theme = isDark ? "light" : "dark";
  localStorage.setItem("theme", document.documentElement.dataset.theme);
  document.dispatchEvent(new Event("themechange"));
}

// A key presses the button, follows the link or enters the field that carries it: data-key="s".
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox], [type=radio], [type=range]), textarea, select");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const scope = shortcuts.open ? shortcuts : dialog.open ? dialog : document;
  const wanted = [...scope.querySelectorAll("[data-key]")].find(
    (one) => one.dataset.key === event.key && !one.disabled && one.checkVisibility(),
  );
  if (!wanted) return;
  event.preventDefault();
  if (wanted.matches("input:not([type=checkbox], [type=radio])")) wanted.focus();
  else wanted.click();
});

function listShortcuts() {
  const list = document.createElement("dl");
  for (const one of document.querySelectorAll("main [data-key], header [data-key]")) {
    if (!one.checkVisibility()) continue;
    const key = document.createElement("kbd");
    key.textContent = one.dataset.key;
    const term = document.createElement("dt");
    term.append(key);
    const told = document.createElement("dd");
    told.textContent = one.getAttribute("aria-label") ?? (one.textContent.trim() || one.labels?.[0]?.textContent || one.title);
    list.append(term, told);
  }
  const title = document.createElement("h2");
  title.textContent = "Keys on this page";
  const close = document.createElement("button");
  close.textContent = "Close";
  close.dataset.close = "";
  shortcuts.replaceChildren(title, list, close);
  shortcuts.showModal();
}
