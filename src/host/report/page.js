// SPDX-License-Identifier: MIT
// The report's page: reads the data that stand in it and draws what is looked at. Text of files
// goes into the page as text nodes alone. Stands after drawing.js in one script.
(() => {
  const { by_id, has_charts, has_viewer, fetched, blue, vermilion, ink, mode_styles, element,
          next_frame, counted, short, shown, fill_list, draw, forget_charts, redraw_with_window, note,
          legend, outside_note, draw_residues, largest, smallest, make_viewer, place_numbers,
          fill_versions } = drawing;
  const about = JSON.parse(by_id("about").textContent);
  const rows = by_id("rows").textContent.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  // What the page ranks by: mode 1 of the network, or of its core.
  const ranked_by = about.core
      ? { share: "fv1_core", collectivity: "coll1_core", mode: "mode 1 of the core" }
      : { share: "fv1", collectivity: "coll1", mode: "mode 1" };

  // ---- Ranking ----------------------------------------------------------------------------------

  const body = by_id("ranking").tBodies[0];
  const lines = [];                       // the table's row of each entry
  let order = rows.map((_, i) => i);      // as sorted
  let visible = order;                    // those of it that the search finds
  let sorted = { column: "rank", descending: false };
  let current = -1;                       // the entry shown
  const searched = rows.map(
      (row) => [row.pdb_id, row.title, row.molecules, row.organisms, row.notes]
                   .filter(Boolean).join("\n").toLowerCase());

  const is_number = (column) => rows.some((row) => typeof row[column] === "number");

  function make_table() {
    const head = element("tr");
    for (const column of about.shown) {
      const button = element("button", { type: "button", title: about.columns[column] }, column);
      button.addEventListener("click", () => sort_by(column));
      const cell = element("th", { scope: "col" }, button);
      cell.dataset.column = column;
      if (is_number(column)) cell.className = "number";
      head.append(cell);
    }
    by_id("ranking").tHead.append(head);
    const numeric = new Set(about.shown.filter(is_number));
    rows.forEach((row, i) => {
      const line = element("tr", { tabindex: "-1", "aria-selected": "false" });
      for (const column of about.shown) {
        const cell = element("td", {}, shown(row[column]));
        if (numeric.has(column)) cell.className = "number";
        if (column === "title") cell.className = "title";
        line.append(cell);
      }
      line.dataset.entry = i;
      lines.push(line);
    });
  }

  function compare(a, b) {
    const left = rows[a][sorted.column], right = rows[b][sorted.column];
    const none = (value) => value === null || value === undefined || value === "";
    if (none(left) || none(right)) return none(left) - none(right) || a - b;
    const ascending = typeof left === "number" ? left - right : String(left).localeCompare(right);
    return (sorted.descending ? -ascending : ascending) || a - b;
  }

  /// Numbers begin with the largest, as the command rank sorts; the other way the next time.
  function sort_by(column) {
    sorted = {
      column,
      descending: sorted.column === column ? !sorted.descending
                                           : column !== "rank" && is_number(column),
    };
    order = order.slice().sort(compare);
    show_lines();
  }

  function show_lines() {
    for (const cell of by_id("ranking").tHead.rows[0].cells)
      cell.setAttribute("aria-sort", cell.dataset.column !== sorted.column ? "none"
                        : sorted.descending ? "descending" : "ascending");
    const words = by_id("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    visible = order.filter((i) => words.every((word) => searched[i].includes(word)));
    body.replaceChildren(...visible.map((i) => lines[i]));
    const all = counted(rows.length, "entry", "entries");
    by_id("found").textContent = words.length === 0 ? all : `${visible.length} of ${all}`;
    set_tab_stop();
    update_neighbours();
  }

  /// One row can be reached by Tab: the entry shown, or else the first.
  function set_tab_stop(focused = visible.includes(current) ? current : visible[0]) {
    for (const line of lines) line.tabIndex = -1;
    if (focused !== undefined) lines[focused].tabIndex = 0;
  }

  function focus_line(place) {
    if (visible.length === 0) return;
    const i = visible[Math.max(0, Math.min(place, visible.length - 1))];
    set_tab_stop(i);
    lines[i].focus();
  }

  function on_table_key(event) {
    const line = event.target.closest("tbody tr");
    if (!line) return;
    const entry = Number(line.dataset.entry), place = visible.indexOf(entry);
    const targets = { ArrowDown: place + 1, ArrowUp: place - 1, PageDown: place + 10,
                      PageUp: place - 10, Home: 0, End: visible.length - 1 };
    if (event.key in targets) focus_line(targets[event.key]);
    else if (event.key === "Enter" || event.key === " ") select(entry);
    else return;
    event.preventDefault();
  }

  function update_neighbours() {
    const place = visible.indexOf(current);
    by_id("previous").disabled = place <= 0;
    by_id("next").disabled = place < 0 || place + 1 >= visible.length;
  }

  function step(by) {
    const place = visible.indexOf(current) + by;
    if (visible[place] === undefined) return;
    select(visible[place]);
    lines[current].scrollIntoView({ block: "nearest" });
  }

  // ---- Shapes -----------------------------------------------------------------------------------

  /// Chains that share a name, or have none, as A, A-2, A-3.
  function named_apart(chains) {
    const counts = new Map();
    return chains.map((chain) => {
      const count = (counts.get(chain) || 0) + 1;
      counts.set(chain, count);
      return (chain.trim() || "_") + (count > 1 ? `-${count}` : "");
    });
  }

  /// The columns of `pack_shape`, in its order.
  async function unpack(shape) {
    const packed = Uint8Array.from(atob(shape.words), (c) => c.charCodeAt(0));
    const stream =
        new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    const n = shape.nodes;
    let at = 0;
    const column = (Words) => {
      const words = new Words(n);
      let word = 0;
      for (let i = 0; i < n; ++i) {
        word = (word + bytes[at + i] + 256 * bytes[at + n + i]) & 0xffff;
        words[i] = word;
      }
      at += 2 * n;
      return words;
    };
    const columns = (count, step) => Array.from(
        { length: count }, () => Float64Array.from(column(Int16Array), (word) => word * step));
    const positions = columns(3, shape.coordinate_step);
    const modes = shape.mode_steps.map((step) => columns(shape.axes, step));
    const fluctuations = Float64Array.from(
        column(Uint16Array), (word) => (word * shape.fluctuation_root_step) ** 2);
    const b_factors = Float64Array.from(
        column(Uint16Array),
        (word) => word === 0 ? NaN : shape.b_factor_least + (word - 1) * shape.b_factor_step);
    const chain_names = named_apart(shape.chains);
    const chains = Array.from(column(Uint16Array), (k) => chain_names[k]);
    const names = Array.from(column(Uint16Array), (k) => shape.residues[k]);
    const low = column(Uint16Array), high = column(Int16Array);
    const no_number = -(2 ** 31);
    const numbers = Array.from(low, (word, i) => high[i] * 65536 + word)
                        .map((number) => number === no_number ? "" : number);
    const insertions =
        Array.from(column(Uint16Array), (code) => String.fromCharCode(code).trim());
    // Nobody is outside of what has no core.
    const outside = shape.has_core ? Array.from(column(Uint16Array), Boolean)
                                   : new Array(n).fill(false);
    const displacements = modes.map(
        (mode) => Float64Array.from({ length: n }, (_, i) => Math.hypot(...mode.map((v) => v[i]))));
    return { n, axes: shape.axes, degenerate: shape.degenerate, positions, modes, displacements,
             fluctuations, b_factors, chains, names, numbers, insertions, outside };
  }

  // ---- Charts -----------------------------------------------------------------------------------

  function draw_displacement(shape) {
    const lines = shape.displacements.map(
        (values, k) => ({ name: `mode ${k + 1}`, values, style: mode_styles[k] }));
    draw_residues("displacement", "Displacement of each residue in modes 1 to 3", shape, lines,
                  { label: "displacement" });
    if (has_charts)
      note("displacement", ...legend(lines.map(({ name, style }) => [style, name])),
           "Lengths of each residue's part of the unit eigenvectors. ", outside_note(shape));
  }

  const percentile_90 =
      (values) => Float64Array.from(values).sort()[Math.floor(0.9 * (values.length - 1))];

  /// Why B factors are not drawn; empty where they are. `known` are those that the file states.
  function nothing_to_compare(row, known) {
    if (typeof row.plddt_mean === "number")
      return `A predicted model has its pLDDT (mean ${row.plddt_mean.toFixed(1)}) for B factors`;
    if (known.length === 0) return "This file states no B factors";
    return largest(known) === smallest(known) ? "The B factors of this file do not vary" : "";
  }

  function draw_fluctuation(row, shape) {
    const known = shape.b_factors.filter(Number.isFinite);
    const none = nothing_to_compare(row, known);
    if (none) {
      by_id("fluctuation").querySelector(".chart").replaceChildren();
      note("fluctuation", `${none}: there is nothing to compare.`);
      return;
    }
    const most = largest(known), least = smallest(known);
    const partners = shape.fluctuations.filter((_, i) => Number.isFinite(shape.b_factors[i]));
    // Not by the largest or the sum, so that a loose end does not press the rest flat.
    const scale = percentile_90(known) / (percentile_90(partners) || largest(shape.fluctuations));
    const ceiling = 1.15 * most;
    const lines = [
      { name: "B factor", values: shape.b_factors, style: { stroke: ink, strokeWidth: 1.3 } },
      { name: "square fluctuation, scaled", values: shape.fluctuations.map((v) => v * scale),
        style: { stroke: vermilion, strokeWidth: 1.5, strokeDasharray: "6 2" } },
    ];
    const cut = lines[1].values.some((value) => value > ceiling);
    draw_residues("fluctuation", "B factors and square fluctuations of each residue", shape, lines,
                  { label: "B factor (\u00c5\u00b2)", domain: [Math.min(0, least), ceiling] });
    if (!has_charts) return;
    const r = row.bfactor_corr;
    note("fluctuation", ...legend(lines.map(({ name, style }) => [style, name])),
         typeof r === "number" ? `Pearson's r ${r.toFixed(3)}. ` : "",
         known.length < shape.n ? `The file states ${known.length} of ${shape.n} B factors. ` : "",
         `Fluctuations are over the ${counted(row.eigenvalues.length, "mode")} computed, scaled to `,
         `the 90th percentile of the B factors${cut ? "; what is beyond the chart is cut off" : ""}. `,
         outside_note(shape));
  }

  function cumulative(shares) {
    let sum = 0;
    return shares.map((share) => (sum += share));
  }

  function draw_spectrum(row) {
    const sums = cumulative(row.shares);
    const modes = row.shares.map((_, k) => k + 1);
    draw("spectrum", "Share of each mode and their cumulative share", (width) => ({
      height: 260,
      x: { label: "mode", type: "band",
           ticks: modes.filter((k) => (k - 1) % Math.ceil(modes.length * 24 / width) === 0) },
      y: { label: "share", domain: [0, 1], grid: true },
      marks: [
        Plot.barY(modes, { x: (k) => k, y: (k) => row.shares[k - 1], fill: blue }),
        Plot.lineY(modes, { x: (k) => k, y: (k) => sums[k - 1], stroke: vermilion }),
        Plot.dot(modes, { x: (k) => k, y: (k) => sums[k - 1], stroke: vermilion, fill: "#fff",
                          r: 3 }),
        Plot.ruleY([0]),
        Plot.tip(modes, Plot.pointerX({
          x: (k) => k, y: (k) => sums[k - 1],
          title: (k) => `mode ${k}\nshare ${shown(row.shares[k - 1])}\ncumulative ` +
                        shown(sums[k - 1]) })),
      ],
    }));
    if (has_charts)
      note("spectrum", `Bars: share of each mode in the variance of the ${modes.length} computed. `,
           "Line with circles: their sum.");
    const table = by_id("numbers").querySelector("table");
    table.tHead.replaceChildren(element(
        "tr", {}, ...["mode", "eigenvalue", "share", "cumulative", "collectivity"].map(
                      (name) => element("th", { scope: "col", class: "number" }, name))));
    table.tBodies[0].replaceChildren(...modes.map((k) => element(
        "tr", {}, ...[k, row.eigenvalues[k - 1], row.shares[k - 1], sums[k - 1], row[`coll${k}`]]
                      .map((value) => element("td", { class: "number" }, shown(value))))));
  }

  function draw_overview(row) {
    const { share, collectivity, mode } = ranked_by;
    const placed = rows.filter((other) => typeof other[collectivity] === "number");
    const has = (other, code) => (other.notes || "").split(",").includes(code);
    const is_tail = (other) => has(other, "tail");
    const here = placed.includes(row) ? [row] : [];
    const place = { x: collectivity, y: share };
    const at_right =
        row[collectivity] > 0.6 * Math.max(0, ...placed.map((other) => other[collectivity]));
    const draw_marks = () => ({
      height: 352,
      x: { label: `collectivity of ${mode} (${collectivity})`, nice: true, zero: true },
      y: { label: `share of ${mode} (${share})`, grid: true, nice: true, zero: true },
      marks: [
        Plot.ruleX([about.local_collectivity], { stroke: "#767676", strokeDasharray: "4 3" }),
        Plot.dot(placed.filter((other) => !is_tail(other)),
                 { ...place, fill: blue, fillOpacity: 0.55, r: 3.5 }),
        Plot.dot(placed.filter(is_tail),
                 { ...place, symbol: "triangle", stroke: vermilion, fill: "#fff", r: 4 }),
        Plot.dot(here, { ...place, stroke: ink, strokeWidth: 2.5, r: 9 }),
        Plot.text(here, { ...place, text: "pdb_id", dx: at_right ? -14 : 14,
                           textAnchor: at_right ? "end" : "start", fontWeight: "bold", fill: ink,
                           stroke: "#fff", strokeWidth: 4 }),
        Plot.tip(placed, Plot.pointer({
          ...place,
          title: (other) => `${other.pdb_id}\n${share} ${shown(other[share])}  ` +
                            `${collectivity} ${shown(other[collectivity])}\n` +
                            (other.title || "").slice(0, 80) })),
      ],
    });
    const missing = rows.length - placed.length;
    draw("overview",
         `Share against collectivity of ${mode} of ${counted(placed.length, "entry", "entries")}`,
         draw_marks);
    if (has_charts)
      note("overview", "Right and high: much of the motion is in one mode, and many residues take " +
           `part in it. Left of the dashed line, at ${about.local_collectivity}, a small part ` +
           (about.core ? "moves alone. "
                       : "moves alone; triangles, noted tail, are loose ends. ") +
           "Ring: the entry shown. A click shows another." +
           (missing > 0 ? ` ${missing} of ${rows.length} entries have no core.` : ""));
  }

  by_id("overview").querySelector(".chart").addEventListener("click", (event) => {
    const near = event.currentTarget.firstChild?.value;  // what the pointer is at
    if (near) select(rows.indexOf(near));
  });

  by_id("overview").querySelector("figcaption").textContent =
      `Share of ${ranked_by.mode} against its collectivity, all entries`;

  // ---- 3-D view ---------------------------------------------------------------------------------

  const rmsd = 2, farthest = 10;  // angstrom: of a whole mode, and of any residue in it
  const period = 2400;            // ms
  const view = { viewer: null, model: null, shape: null, mode: 0, half: 0, playing: false,
                 frame: -1, busy: false };

  function view_message(text) {
    by_id("canvas-box").hidden = by_id("view-controls").hidden = true;
    by_id("view-note").textContent = text;
  }

  async function show_mode(k) {
    const { viewer, shape } = view;
    view.mode = k;
    const moves = shape.axes === 3;
    const lengths = shape.displacements[k], most = largest(lengths);
    const scale = Math.min(rmsd * Math.sqrt(shape.n), farthest / most);
    const numbers = place_numbers(shape);
    const atoms = Array.from(lengths, (length, i) => {
      const [x, y, z] = shape.positions.map((values) => values[i]);
      const [dx, dy, dz] = moves ? shape.modes[k].map((values) => scale * values[i]) : [0, 0, 0];
      return { x, y, z, dx, dy, dz, elem: "C", atom: "CA", resn: "ALA", chain: shape.chains[i],
               resi: numbers[i], hetflag: false, bonds: [], bondOrder: [], serial: i,
               b: length / most, outside: shape.outside[i] };
    });
    viewer.removeAllModels();
    view.model = viewer.addModel();
    view.model.addAtoms(atoms);
    const gradient = (...colours) => new $3Dmol.Gradient.CustomLinear(0, 1, colours);
    const inside = gradient("#b3b3b3", "#e08a4a", vermilion, "#7a3000");
    const outside = gradient("#9cc9e6", "#4a9fd4", blue, "#003a5c");
    viewer.setStyle({}, { cartoon: {
      style: "trace", thickness: 0.55,
      colorfunc: (atom) => (atom.outside ? outside : inside).valueToHex(atom.b) } });
    view.half = moves ? (shape.n > 2000 ? 4 : 10) : 0;
    view.frame = -1;
    view.model.addFrame(view.model.selectedAtoms({}));  // which `vibrate` starts from
    if (moves) view.model.vibrate(view.half, 1, true);
    viewer.zoomTo();
    for (const input of by_id("mode-choice").querySelectorAll("input"))
      input.checked = Number(input.value) === k;
    by_id("play").hidden = !moves;
    const drawn = scale / Math.sqrt(shape.n);
    by_id("view-note").textContent =
        (moves ? `Drawn with an RMSD of ${drawn.toFixed(drawn < 0.1 ? 2 : 1)} \u00c5 at the extremes. `
               : "A GNM's modes have no directions: nothing moves. ") +
        "Grey residues rest, dark orange ones move most" +
        (shape.outside.some(Boolean) ? "; blue ones are outside of the core" : "") +
        ". Drag or arrow keys turn, wheel or + and - zoom." +
        (shape.degenerate ? ` Modes ${shape.degenerate} are degenerate: only the space that each ` +
                            "group spans has a meaning." : "");
    await show_frame(view.half);
    play();
  }

  async function show_frame(frame) {
    if (frame === view.frame) return;
    view.frame = frame;
    await view.viewer.setFrame(frame);
    view.viewer.render();
  }

  function play() {
    if (view.playing && !view.busy && view.half > 0) {
      view.busy = true;
      requestAnimationFrame(tick);
    }
  }

  async function tick(time) {
    if (!view.playing || view.half === 0 || by_id("canvas-box").hidden) {
      view.busy = false;
      return;
    }
    const swing = Math.sin(2 * Math.PI * (time % period) / period);
    await show_frame(view.half + Math.round((view.half - 1) * swing));
    requestAnimationFrame(tick);
  }

  function set_playing(playing) {
    view.playing = playing;
    by_id("play").textContent = playing ? "Pause" : "Play";
    play();
  }

  function make_view_controls() {
    by_id("play").addEventListener("click", () => set_playing(!view.playing));
    set_playing(!matchMedia("(prefers-reduced-motion: reduce)").matches);
  }

  async function draw_view(shape) {
    if (!has_viewer) {
      view_message(`This report has no 3-D view: it was made without 3Dmol.js. ${fetched}`);
      return;
    }
    by_id("canvas-box").hidden = by_id("view-controls").hidden = false;
    view.viewer ??= make_viewer(by_id("canvas-box"));
    if (!view.viewer) {
      view_message("This browser has no WebGL, which the 3-D view needs.");
      return;
    }
    view.shape = shape;
    const choice = by_id("mode-choice");
    choice.replaceChildren(
        choice.querySelector("legend"),
        ...shape.modes.map((_, k) => {
          const input = element("input", { type: "radio", name: "mode", value: k });
          input.addEventListener("change", () => show_mode(k));
          return element("label", {}, input, ` mode ${k + 1}`);
        }));
    await show_mode(0);
  }

  // ---- The entry --------------------------------------------------------------------------------

  /// The marks are for those who measure and test.
  async function select(i) {
    await show_entry(i);
    if (current === i) performance.mark("entry shown");
  }

  /// How the share of the core stands among those of random networks of its shape.
  function show_null(null_model) {
    const text = by_id("entry-null");
    text.hidden = !null_model;
    if (!null_model) return;
    text.textContent = null_model.missing
        ? `Not held against its shape: ${null_model.missing}.`
        : `Against ${counted(null_model.networks, "random network")} of the shape of its core, whose ` +
          `mode 1 has a share of ${shown(null_model.mean_share)} on average: ` +
          `z = ${(Math.round(10 * null_model.z) / 10 || 0).toFixed(1)} \u00b1 ` +
          `${null_model.error.toFixed(1)} of the logit of fv1_core.`;
  }

  async function show_entry(i) {
    if (current >= 0) lines[current].setAttribute("aria-selected", "false");
    current = i;
    const row = rows[i];
    lines[i].setAttribute("aria-selected", "true");
    set_tab_stop();
    update_neighbours();
    by_id("entry-title").textContent = row.pdb_id;
    by_id("entry-text").textContent =
        [row.title, row.molecules, row.organisms].filter(Boolean).join(" \u2013 ");
    fill_list(by_id("facts").querySelector("dl"),
              Object.keys(about.columns)
                  .filter((name) => !["eigenvalues", "shares"].includes(name))
                  .map((name) => [name, shown(row[name])])
                  .filter(([, value]) => value !== ""));
    show_null(about.nulls[i]);
    forget_charts();
    draw_spectrum(row);
    draw_overview(row);

    const data = by_id(`shape-${i}`);
    const packed = data ? JSON.parse(data.textContent)
                        : { missing: "the report has the modes of the first places alone" };
    const missing = by_id("entry-missing");
    missing.hidden = !packed.missing;
    for (const figure of ["view", "displacement", "fluctuation"])
      by_id(figure).hidden = Boolean(packed.missing);
    if (packed.missing) {
      missing.textContent = `This entry has no shape: ${packed.missing}.`;
      return;
    }
    const shape = await unpack(packed);
    if (current !== i) return;  // another one was chosen meanwhile
    draw_displacement(shape);
    draw_fluctuation(row, shape);
    performance.mark("charts drawn");
    await next_frame();  // the charts are there before the slower view
    if (current !== i) return;
    await draw_view(shape);
  }

  // ---- The run ----------------------------------------------------------------------------------

  function fill_run() {
    by_id("summary").textContent =
        `${rows.length} entries ranked by the fractional variance of ${ranked_by.mode}, ` +
        `${about.failures.length} left out. modesweep ${about.version}, ` +
        `${about.date.replace("T", " ").replace("Z", " UTC")}.`;
    by_id("legend").textContent = about.core
        ? "fv1_core: share of mode 1 in the variance of the softest modes of the network's 20-core. " +
          "coll1_core: its collectivity; local: below " +
          `${about.local_collectivity}. mode_core: the mode of all residues most like it.`
        : "fv1-fv3: share of modes 1-3 in the variance of the modes computed, not of all motion. " +
          "coll1: collectivity of mode 1, the part of the residues that moves; local: below " +
          `${about.local_collectivity}. tail: more than half of mode 1 is loose ends.`;
    const given = (pairs) => pairs.filter(([, value]) => value !== "");
    fill_list(by_id("origin"), [...given(about.origin), ["command", about.command]]);
    fill_list(by_id("parameters"), given(about.parameters));
    const failures = by_id("failures");
    failures.querySelector("summary").textContent = `Left out: ${about.failures.length}`;
    failures.querySelector("tbody").append(...about.failures.map(
        ([id, file, stage, code, message]) => element(
            "tr", {}, ...[id, stage, code, message, file].map((text) => element("td", {}, text)))));
    fill_list(by_id("columns").querySelector("dl"), Object.entries(about.columns));
    fill_versions(about);
  }

  fill_run();
  make_view_controls();
  make_table();
  show_lines();
  by_id("search").addEventListener("input", show_lines);
  by_id("search").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== "ArrowDown") return;
    focus_line(0);
    event.preventDefault();
  });
  body.addEventListener("keydown", on_table_key);
  body.addEventListener("click", (event) => {
    const line = event.target.closest("tr");
    if (line) select(Number(line.dataset.entry));
  });
  by_id("previous").addEventListener("click", () => step(-1));
  by_id("next").addEventListener("click", () => step(1));
  redraw_with_window();
  window.addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("#failures, #columns"))
      details.open = true;
  });
  if (rows.length > 0) select(0);
  else by_id("entry").hidden = true;
})();
