// Draws the charts of a page: Vega-Lite from our own origin, in the colours of the page. Expressions
// are interpreted (`ast`), since the policy of the page forbids to evaluate text as code.

const { vega, vegaLite, vegaInterpreter } = globalThis;
const views = new Map();

// Colours as the theme has them now: custom properties themselves would not be resolved.
function colours(names) {
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const found = {};
  for (const name of names) {
    probe.style.color = `var(--${name})`;
    found[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return found;
}

const SERIES = [1, 2, 3, 4, 5, 6].map((number) => `series-${number}`);

function look() {
  const own = colours(["ink", "muted", "line", "line-strong", ...SERIES]);
  const font = getComputedStyle(document.body).fontFamily;
  return {
    background: null,
    font,
    padding: { left: 0, right: 4, top: 4, bottom: 6 },
    view: { stroke: null },
    range: { category: SERIES.map((name) => own[name]) },
    mark: { color: own["series-1"] },
    rule: { color: own["line-strong"] },
    text: { color: own.ink, fontSize: 12 },
    axis: {
      domainColor: own["line-strong"],
      gridColor: own.line,
      tickColor: own["line-strong"],
      labelColor: own.muted,
      titleColor: own.muted,
      labelFontSize: 12,
      titleFontSize: 12,
      titleFontWeight: "normal",
      labelLimit: 160,
      labelFlush: false,
      labelOverlap: true,
    },
    legend: {
      labelColor: own.ink,
      titleColor: own.muted,
      labelFontSize: 12,
      titleFontSize: 12,
      titleFontWeight: "normal",
      orient: "bottom",
    },
    header: { labelColor: own.ink, titleColor: own.muted },
    title: { color: own.ink, fontSize: 13 },
  };
}

// Replaces our colours by name, as in {"value": "var(--critical)"}, by what they are in this theme.
function resolved(spec, own) {
  if (typeof spec === "string") {
    const name = /^var\(--([a-z0-9-]+)\)$/.exec(spec)?.[1];
    return name === undefined ? spec : (own[name] ??= colours([name])[name]);
  }
  if (Array.isArray(spec)) return spec.map((one) => resolved(one, own));
  if (spec === null || typeof spec !== "object") return spec;
  return Object.fromEntries(Object.entries(spec).map(([key, one]) => [key, resolved(one, own)]));
}

// Charts bring their data along, and link to pages of ours only.
const loader = {
  load: () => Promise.reject(new Error("charts load nothing")),
  sanitize: (address) =>
    /^\/(?![/\\])/.test(address)
      ? Promise.resolve({ href: address })
      : Promise.reject(new Error("charts link to our own pages only")),
  http: () => Promise.reject(new Error("charts load nothing")),
  file: () => Promise.reject(new Error("charts load nothing")),
};

const tip = document.createElement("div");
tip.className = "chart-tip";
tip.hidden = true;
document.body.append(tip);

function tell(_handler, event, _item, value) {
  if (value === null || value === undefined || value === "") {
    tip.hidden = true;
    return;
  }
  const list = document.createElement("dl");
  for (const [name, one] of typeof value === "object" ? Object.entries(value) : [["", value]]) {
    const term = document.createElement("dt");
    const text = document.createElement("dd");
    term.textContent = name;
    text.textContent = String(one);
    list.append(term, text);
  }
  tip.replaceChildren(list);
  tip.hidden = false;
  const { width, height } = tip.getBoundingClientRect();
  const left = event.clientX + 14 + width > innerWidth ? event.clientX - width - 14 : event.clientX + 14;
  const top = event.clientY + 14 + height > innerHeight ? event.clientY - height - 14 : event.clientY + 14;
  tip.style.left = `${Math.max(4, left)}px`;
  tip.style.top = `${Math.max(4, top)}px`;
}

async function draw(figure) {
  const spec = resolved(JSON.parse(figure.querySelector("script").textContent), {});
  const place = figure.querySelector(".chart-drawing");
  const label = place.getAttribute("aria-label");
  views.get(figure)?.finalize();
  const config = vega.mergeConfig(look(), spec.config ?? {});
  const compiled = vegaLite.compile({ autosize: { type: "fit-x", contains: "padding" }, ...spec }, { config });
  const view = new vega.View(vega.parse(compiled.spec, {}, { ast: true }), {
    expr: vegaInterpreter.expressionInterpreter,
    renderer: "svg",
    loader,
    tooltip: tell,
    logLevel: vega.Warn,
  });
  views.set(figure, view);
  await view.initialize(place).hover().runAsync();
  // It is described as a whole: the thousand marks in it are not read out, nor Vega's own name.
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", label);
  place.removeAttribute("aria-roledescription");
  place.querySelector("svg")?.setAttribute("aria-hidden", "true");
  figure.dataset.drawn = "";
}

function save(name, type, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function cell(text) {
  // A spreadsheet would take some of them for a formula.
  const safe = /^[=+\-@\t\r]/.test(text) && !/^-?[\d,.]+$/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function offer(figure, name, work) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "plain";
  button.textContent = name;
  button.addEventListener("click", work);
  figure.querySelector(".chart-tools").append(button);
}

for (const figure of document.querySelectorAll("[data-chart]")) {
  const name = `keysift-${figure.dataset.chart}`;
  draw(figure);
  offer(figure, "Save as SVG", async () => {
    save(`${name}.svg`, "image/svg+xml", await views.get(figure).toSVG());
  });
  offer(figure, "Save as CSV", () => {
    const rows = [...figure.querySelectorAll("tr")].map((row) =>
      [...row.cells].map((one) => cell(one.classList.contains("number") ? one.textContent.replaceAll(",", "") : one.textContent)).join(","),
    );
    save(`${name}.csv`, "text/csv", rows.join("\r\n") + "\r\n");
  });
}
document.addEventListener("keysift:theme", () => {
  for (const figure of document.querySelectorAll("[data-chart]")) draw(figure);
});
