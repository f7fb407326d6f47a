// Small comforts of all pages. Everything works without them.

const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");

function theme() {
  return root.dataset.theme || (dark.matches ? "dark" : "light");
}

function other() {
  return theme() === "dark" ? "light" : "dark";
}

function label() {
  for (const place of document.querySelectorAll("[data-other-theme]")) place.textContent = other();
}

for (const button of document.querySelectorAll("[data-switch-theme]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = other();
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `keysift-theme=${root.dataset.theme}; Path=/; Max-Age=31536000; SameSite=Strict${secure}`;
    label();
    document.dispatchEvent(new CustomEvent("keysift:theme"));
  });
}
dark.addEventListener("change", () => {
  label();
  document.dispatchEvent(new CustomEvent("keysift:theme"));
});
label();

// Menus close when one looks elsewhere.
for (const menu of document.querySelectorAll("details.user")) {
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

// The page of a menu that is shown stays in sight on narrow screens.
document.querySelector(".menu [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });

// Fields that are empty do not lengthen the address.
for (const form of document.querySelectorAll("form.filters")) {
  form.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) {
      if (value === "") event.formData.delete(name);
    }
  });
}
