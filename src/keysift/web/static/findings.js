// Keys for the list of findings. Everything can be done without them.

const rows = [...document.querySelectorAll("[data-row]")];
const help = document.querySelector("#keys");
const decision = document.querySelector("[data-decision]");
const search = document.querySelector("[data-search]");

function current() {
  return rows.findIndex((row) => row.contains(document.activeElement));
}

function go(to) {
  const row = rows[Math.max(0, Math.min(rows.length - 1, to))];
  row?.querySelector("[data-open]").focus();
  row?.scrollIntoView({ block: "nearest" });
}

let last = 0;
const keys = {
  j: () => go(current() < 0 ? last : current() + 1),
  k: () => go(current() < 0 ? last : current() - 1),
  x: () => rows[current()]?.querySelector("input[type=checkbox]").click(),
  t: () => decision?.focus(),
  "/": () => search.focus(),
  "?": () => help.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help.open) return;
  // Where one writes or chooses, letters are letters.
  const where = event.target;
  if (where.closest("select, textarea, input:not([type=checkbox])")) return;
  const work = keys[event.key];
  if (work === undefined) return;
  event.preventDefault();
  work();
});
document.addEventListener("focusin", () => {
  if (current() >= 0) last = current();
});

for (const button of document.querySelectorAll("[data-help]")) {
  button.hidden = false;
  button.addEventListener("click", () => help.showModal());
}

const boxes = rows.map((row) => row.querySelector("input[type=checkbox]"));
const said = document.querySelector("[data-ticked]");
const all = document.querySelector("[data-tick-all]");

function tell() {
  const number = boxes.filter((box) => box.checked).length;
  said.value = `${number} ticked`;
  all.textContent = number === boxes.length ? "Tick none" : "Tick this page";
}

if (said !== null && boxes.length > 0) {
  said.hidden = false;
  all.hidden = false;
  all.addEventListener("click", () => {
    const wanted = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = wanted;
    tell();
  });
  document.addEventListener("change", tell);
  // Browsers keep what was ticked when one comes back to a page.
  addEventListener("pageshow", tell);
  tell();
}
