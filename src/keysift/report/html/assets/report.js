"use strict";
(() => {
  const OPTIONS = {
    actions: false, ast: true, defaultStyle: false, mode: "vega-lite", renderer: "svg",
    tooltip: { disableDefaultStyle: true },
  };

  /** Offer a text as a file. */
  function save(name, type, text) {
    const link = document.createElement("a");
    const address = URL.createObjectURL(new Blob([text], { type }));
    link.href = address;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  /** A cell of CSV (RFC 4180); a text that a spreadsheet would take for a formula is none. */
  function quoted(cell) {
    const raw = cell.dataset.value ?? cell.textContent;
    const text = cell.dataset.value === undefined && /^[=+\-@\t\r]/.test(raw) ? `'${raw}` : raw;
    return `"${text.replaceAll('"', '""')}"`;
  }

  function csv(table) {
    const lines = [...table.rows].map((row) => [...row.cells].map(quoted).join(","));
    return `${lines.join("\r\n")}\r\n`;
  }

  /** The picture as a file of its own: there is no page whose colours it could take. */
  function svg(chart) {
    const picture = chart.querySelector("svg").cloneNode(true);
    picture.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    picture.setAttribute("color", "#1d2126");
    return new XMLSerializer().serializeToString(picture);
  }

  function button(text, label, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.setAttribute("aria-label", label);
    made.addEventListener("click", act);
    return made;
  }

  function offer(figure) {
    const name = `keysift-${figure.dataset.figure}`;
    const title = figure.querySelector("h3").textContent;
    const chart = figure.querySelector(".chart");
    const row = document.createElement("div");
    row.className = "actions";
    if (chart !== null) {
      row.append(button("SVG", `Download as SVG: ${title}`, () => save(`${name}.svg`, "image/svg+xml", svg(chart))));
    }
    const table = figure.querySelector("table");
    row.append(button("CSV", `Download as CSV: ${title}`, () => save(`${name}.csv`, "text/csv", csv(table))));
    figure.append(row);
  }

  function draw(figure) {
    const chart = figure.querySelector(".chart");
    const spec = JSON.parse(figure.querySelector("[data-spec]").textContent);
    const place = document.createElement("div");
    place.className = "chart";
    spec.width = "container";
    // Drawn beside the still picture, which goes when the other one is there.
    chart.after(place);
    window.vegaEmbed(place, spec, OPTIONS).then(
      () => {
        place.setAttribute("role", "img");
        place.setAttribute("aria-label", chart.getAttribute("aria-label"));
        chart.remove();
      },
      () => place.remove(),
    );
  }

  const figures = [...document.querySelectorAll("figure[data-figure]")];
  figures.forEach(offer);
  const charts = figures.filter((figure) => figure.querySelector("[data-spec]") !== null);
  const seen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries.filter((one) => one.isIntersecting)) {
        seen.unobserve(entry.target);
        draw(entry.target);
      }
    },
    { rootMargin: "400px" },
  );
  charts.forEach((figure) => seen.observe(figure));
  // On paper tables are open.
  window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
})();
