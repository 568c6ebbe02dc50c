// The queue by keys: which review is open, which are chosen; everything else is links and forms.

const queue = document.getElementById("queue");
const items = () => [...queue.querySelectorAll("[data-review]")];
const current = () => items().findIndex((one) => one.hasAttribute("aria-current"));

function open(number) {
  const list = items();
  if (number >= list.length) {
    queue.querySelector("[data-more]")?.click();
    return;
  }
  if (number >= 0) list[number].querySelector("a").click();
}

queue?.addEventListener("click", (event) => {
  const button = event.target.closest("button, a");
  if (button?.dataset.step) open(current() + Number(button.dataset.step));
  if (button?.hasAttribute("data-choose")) items()[current()].querySelector("input").click();
  const item = button?.closest("[data-review]");
  if (!item) return;
  for (const one of items()) one.removeAttribute("aria-current");
  item.setAttribute("aria-current", "true");
  item.scrollIntoView({ block: "nearest" });
});

// Chosen reviews open what can be done with several.
queue?.addEventListener("change", () => {
  document.getElementById("bulk").open = queue.querySelector("input:checked") !== null;
});
