// SPDX-License-Identifier: MIT
// What the pages of `report` and `compare` draw with: elements, charts of residues, a 3-D viewer.
"use strict";
const drawing = (() => {
  const by_id = (id) => document.getElementById(id);
  const has_charts = Boolean(window.Plot);
  const has_viewer = Boolean(window.$3Dmol);
  const fetched = "tools/install-deps.sh --report fetches the libraries of the next page.";

  // Okabe and Ito's colours; lines differ in their dashes, too.
  const blue = "#0072b2", vermilion = "#d55e00", ink = "#1b1b1b", grey = "#c9c9c9";
  const mode_styles = [
    { stroke: blue, strokeWidth: 1.8 },
    { stroke: vermilion, strokeWidth: 1.5, strokeDasharray: "7 3" },
    { stroke: "#009e73", strokeWidth: 1.5, strokeDasharray: "2 2" },
  ];

  /// Strings among the children become text.
  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  const next_frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));

  /// "1 entry", "2 entries".
  const counted = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

  const short = (number) => Number(number.toPrecision(4)).toString();

  /// As the program's own table has it.
  function shown(value) {
    if (value === null || value === undefined) return "";
    if (Array.isArray(value)) return value.map(shown).join(" ");
    if (typeof value !== "number" || Number.isInteger(value)) return String(value);
    return Math.abs(value) >= 0.001 ? value.toFixed(4) : value.toPrecision(3);
  }

  function fill_list(list, pairs) {
    list.replaceChildren(
        ...pairs.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
  }

  // ---- Charts -----------------------------------------------------------------------------------

  const residue = (shape, i) =>
      `${shape.chains[i]} ${shape.numbers[i]}${shape.insertions[i]} ${shape.names[i]}`;

  let redraws = [];  // what draws each chart, for another width

  /// `options(width)` of Plot; `description` for those who do not see it.
  function draw(figure, description, options) {
    const box = by_id(figure).querySelector(".chart");
    if (!has_charts) {
      note(figure, `This page was made without the library of charts. ${fetched}`);
      return;
    }
    const label = { labelAnchor: "center", labelArrow: "none" };
    const redraw = () => {
      const chosen = options(box.clientWidth);
      const plot = Plot.plot({ width: Math.max(240, box.clientWidth), marginLeft: 60,
                               marginBottom: 42, ...chosen,
                               x: { ...label, labelOffset: 38, ...chosen.x },
                               y: { ...label, labelOffset: 52, ...chosen.y } });
      plot.setAttribute("role", "img");
      plot.setAttribute("aria-label", description);
      box.replaceChildren(plot);
      return plot;
    };
    redraws.push(redraw);
    return redraw();
  }

  function note(figure, ...text) {
    by_id(figure).querySelector(".note").replaceChildren(...text);
  }

  /// A sample of a line, for a legend.
  function sample(style) {
    const namespace = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(namespace, "svg");
    const line = document.createElementNS(namespace, "line");
    for (const [name, value] of Object.entries({ width: 34, height: 10, "aria-hidden": "true" }))
      svg.setAttribute(name, value);
    const attributes = { x1: 2, x2: 32, y1: 5, y2: 5, stroke: style.stroke,
                         "stroke-width": style.strokeWidth + 0.4,
                         "stroke-dasharray": style.strokeDasharray || "none" };
    for (const [name, value] of Object.entries(attributes)) line.setAttribute(name, value);
    svg.append(line);
    return svg;
  }

  const legend = (entries) =>
      [...entries.flatMap(([style, text]) => [sample(style), ` ${text}\u2003`]), element("br")];

  /// Runs of residues outside of the core, as parts of the axis.
  function outside_runs(shape) {
    const runs = [];
    shape.outside.forEach((is_outside, i) => {
      if (!is_outside) return;
      if (shape.outside[i - 1]) runs[runs.length - 1].to = i + 0.5;
      else runs.push({ from: i - 0.5, to: i + 0.5 });
    });
    return runs;
  }

  const outside_note = (shape) =>
      shape.outside.some(Boolean) ? "Shaded residues are outside of the core. " : "";

  /// Residues from left to right, chains apart. `lines` are of values with a style each.
  function draw_residues(figure, description, shape, lines, y) {
    const index = Array.from({ length: shape.n }, (_, i) => i);
    const starts = index.filter((i) => i === 0 || shape.chains[i] !== shape.chains[i - 1]);
    const name = (start) => `chain ${shape.chains[start]}`.slice(0, 12);
    // The names of chains that are too short would lie on each other.
    const named = (width) => starts.filter(
        (start, k) => ((starts[k + 1] ?? shape.n) - start) / shape.n * (width - 80) >
                      7 * name(start).length);
    const piece = new Uint32Array(shape.n);
    starts.forEach((start, k) => piece.fill(k, start));
    draw(figure, description, (width) => ({
      height: 240,
      marginTop: 26,
      x: { label: "residue number", domain: [0, Math.max(1, shape.n - 1)],
           ticks: Math.max(3, Math.floor(width / 90)),
           tickFormat: (i) => Number.isInteger(i) && i < shape.n ? String(shape.numbers[i]) : "" },
      y: { grid: true, zero: true, ...y },
      marks: [
        Plot.rect(outside_runs(shape),
                  { x1: "from", x2: "to", fill: blue, fillOpacity: 0.13, clip: true }),
        Plot.ruleX(starts.slice(1), { stroke: grey }),
        starts.length > 1
            ? Plot.text(named(width), { x: (i) => i, text: name, frameAnchor: "top",
                                        textAnchor: "start", dy: -14, dx: 2 })
            : null,
        ...lines.map(({ values, style }) => Plot.lineY(
            index, { x: (i) => i, y: (i) => values[i], z: (i) => piece[i], clip: true, ...style })),
        Plot.ruleY([0]),
        Plot.tip(index, Plot.pointerX({
          x: (i) => i,
          y: (i) => Math.min(lines.map(({ values }) => values[i]).find(Number.isFinite),
                             y.domain ? y.domain[1] : Infinity),
          title: (i) => [residue(shape, i) + (shape.outside[i] ? ", outside of the core" : ""),
                         ...lines.filter(({ values }) => Number.isFinite(values[i]))
                                 .map(({ name, values }) => `${name}: ${short(values[i])}`)]
                            .join("\n") })),
      ],
    }));
  }

  function forget_charts() {
    redraws = [];
  }

  function redraw_with_window() {
    let resized = 0;
    let width = window.innerWidth;
    window.addEventListener("resize", () => {
      if (window.innerWidth === width) return;
      width = window.innerWidth;
      clearTimeout(resized);
      resized = setTimeout(() => redraws.forEach((redraw) => redraw()), 150);
    });
  }

  const largest = (values) => values.reduce((a, b) => Math.max(a, b));
  const smallest = (values) => values.reduce((a, b) => Math.min(a, b));

  // ---- 3-D view ---------------------------------------------------------------------------------

  /// Of 3Dmol, with keys; null without WebGL.
  function make_viewer(box) {
    const probe = document.createElement("canvas");
    if (!probe.getContext("webgl2") && !probe.getContext("webgl")) return null;
    const viewer = $3Dmol.createViewer(box, { backgroundColor: "white" });
    box.tabIndex = 0;
    box.setAttribute("role", "application");
    box.setAttribute("aria-label", "3-D view; arrow keys turn it, plus and minus zoom");
    box.addEventListener("keydown", (event) => {
      const turns = { ArrowLeft: [-10, "y"], ArrowRight: [10, "y"], ArrowUp: [-10, "x"],
                      ArrowDown: [10, "x"] };
      const zooms = { "+": 1.15, "-": 1 / 1.15 };
      if (event.key in turns) viewer.rotate(...turns[event.key]);
      else if (event.key in zooms) viewer.zoom(zooms[event.key]);
      else return;
      event.preventDefault();
    });
    return viewer;
  }

  /// Residues that follow each other in a chain are joined: 3Dmol goes by their numbers.
  function place_numbers(shape) {
    const numbers = [];
    for (let i = 0, number = 1; i < shape.n; ++i, ++number) {
      if (i > 0 && Math.hypot(...shape.positions.map((x) => x[i] - x[i - 1])) > 4.5) ++number;
      numbers.push(number);
    }
    return numbers;
  }

  /// Into the list of the element "versions".
  function fill_versions(about) {
    const versions = by_id("versions").querySelector("dl");
    fill_list(versions, [["modesweep", `${about.version}, MIT licence`]]);
    for (const { name, version, licence } of about.libraries)
      versions.append(element("dt", {}, name),
                      element("dd", {}, version, element("pre", {}, licence)));
  }

  return { by_id, has_charts, has_viewer, fetched, blue, vermilion, ink, grey, mode_styles, element,
           next_frame, counted, short, shown, fill_list, draw, forget_charts, redraw_with_window, note,
           legend, outside_note, draw_residues, largest, smallest, make_viewer, place_numbers,
           fill_versions };
})();
