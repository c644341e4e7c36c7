// SPDX-License-Identifier: MIT
// The page of `compare`: two structures, the step between them and their modes. Text of files goes
// into the page as text nodes alone. Stands after drawing.js in one script.
(() => {
  const { by_id, has_charts, has_viewer, fetched, blue, vermilion, ink, element, next_frame, shown,
          fill_list, draw, redraw_with_window, note, legend, draw_residues, largest, make_viewer,
          place_numbers, fill_versions } = drawing;
  const about = JSON.parse(by_id("about").textContent);
  const data = JSON.parse(by_id("comparison").textContent);
  const residues = data.residues;
  const has_step = data.a.overlaps.length > 0;
  const percent = (part) => `${(100 * part).toFixed(part < 0.0995 ? 1 : 0)} %`;
  const square = (overlap) => overlap * overlap;

  // ---- The step ---------------------------------------------------------------------------------

  const shape = {
    n: residues.displacement.length,
    chains: residues.chains,
    numbers: residues.numbers.map((number) => number ?? ""),
    insertions: residues.insertions,
    names: residues.names,
    positions: residues.positions,
    outside: new Array(residues.displacement.length).fill(false),
  };

  function fill_matched() {
    fill_list(by_id("matched").querySelector("dl"), [
      ["A", `${data.a.name}, ${data.a.residues} residues`],
      ["B", `${data.b.name}, ${data.b.residues} residues`],
      ["matched", `${data.matched} residues, ${percent(data.identity)} identical`],
      ["RMSD", `${data.rmsd.toFixed(3)} \u00c5`],
      ["RMSIP", [data.rmsip10 === null ? "" : `${data.rmsip10.toFixed(4)} of 10 modes, `,
                 `${data.rmsip.toFixed(4)} of ${data.common_modes}`].join("")],
    ]);
    by_id("matched").querySelector("tbody").append(...data.pieces.map(
        ({ a, b, residues: count, identical, by }) => element(
            "tr", {}, element("td", {}, a), element("td", {}, b),
            element("td", { class: "number" }, String(count)),
            element("td", { class: "number" }, percent(identical / count)),
            element("td", {}, by))));
  }

  function draw_displacement() {
    const lines = [
      { name: "step", values: residues.displacement, style: { stroke: ink, strokeWidth: 1.6 } },
      { name: `all ${data.a.overlaps.length} modes of A`, values: residues.held,
        style: { stroke: vermilion, strokeWidth: 1.5, strokeDasharray: "7 3" } },
      { name: `mode ${residues.best_mode} of A, which holds most`, values: residues.of_best_mode,
        style: { stroke: blue, strokeWidth: 1.5, strokeDasharray: "2 2" } },
    ].filter(({ values }) => values.length > 0);
    draw_residues("displacement", "Displacement of each residue", shape, lines,
                  { label: "displacement (\u00c5)" });
    if (has_charts)
      note("displacement", ...legend(lines.map(({ name, style }) => [style, name])),
           "Once B lies on A. Dashed: the residue's displacement by the part of the step that lies " +
           "along these modes. Numbers are those of A's residues.");
  }

  function draw_fluctuation() {
    const lines = [
      { name: "A", values: residues.fluctuations_a, style: { stroke: blue, strokeWidth: 1.6 } },
      { name: "B", values: residues.fluctuations_b,
        style: { stroke: vermilion, strokeWidth: 1.5, strokeDasharray: "7 3" } },
    ];
    // A loose end would press the rest flat.
    const sorted = residues.fluctuations_a.concat(residues.fluctuations_b).sort((a, b) => a - b);
    const most = sorted[sorted.length - 1];
    const ceiling = Math.min(most, 4 * sorted[Math.floor(0.9 * (sorted.length - 1))]);
    draw_residues("fluctuation", "Square fluctuations of each residue in A and in B", shape, lines,
                  { label: "square fluctuation", domain: [0, ceiling] });
    if (has_charts)
      note("fluctuation", ...legend([[lines[0].style, `A: ${data.a.name}`],
                                     [lines[1].style, `B: ${data.b.name}`]]),
           "Over the modes computed, in k_B T over the unit of gamma." +
           (ceiling < most ? " What is beyond the chart is cut off." : ""));
  }

  // ---- The modes --------------------------------------------------------------------------------

  function draw_held(figure, side) {
    const modes = side.overlaps.map((_, k) => k + 1);
    const part = (k) => square(side.overlaps[k - 1]), sum = (k) => square(side.cumulative[k - 1]);
    draw(figure, `What each mode of ${side.name} holds of the step, and their sum`, (width) => ({
      height: 260,
      x: { label: "mode", type: "band",
           ticks: modes.filter((k) => (k - 1) % Math.ceil(modes.length * 24 / width) === 0) },
      y: { label: "part of the step", domain: [0, 1], grid: true },
      marks: [
        Plot.barY(modes, { x: (k) => k, y: part, fill: blue }),
        Plot.lineY(modes, { x: (k) => k, y: sum, stroke: vermilion }),
        Plot.dot(modes, { x: (k) => k, y: sum, stroke: vermilion, fill: "#fff", r: 3 }),
        Plot.ruleY([0]),
        Plot.tip(modes, Plot.pointerX({
          x: (k) => k, y: sum,
          title: (k) => `mode ${k}\noverlap ${shown(side.overlaps[k - 1])}, holds ` +
                        `${percent(part(k))}\nmodes 1 to ${k} hold ${percent(sum(k))}` })),
      ],
    }));
    if (has_charts)
      note(figure, `Bars: the square of each overlap, of ${side.name}. Line with circles: of modes 1 `,
           "to this one together.");
  }

  function draw_overlaps() {
    const cells = data.overlaps.flatMap(
        (line, i) => line.map((overlap, j) => ({ a: i + 1, b: j + 1, overlap })));
    const modes_a = data.overlaps.map((_, i) => i + 1);
    const modes_b = data.overlaps[0].map((_, j) => j + 1);
    draw("overlaps", "Overlap of each mode of A with each mode of B", (width) => {
      const some = (modes) =>
          modes.filter((k) => (k - 1) % Math.ceil(modes.length * 24 / width) === 0);
      return {
        height: Math.min(420, Math.max(240, width)),
        color: { scheme: "Blues", domain: [0, 1], type: "linear" },
        x: { label: "mode of B", type: "band", domain: modes_b, ticks: some(modes_b) },
        y: { label: "mode of A", type: "band", domain: modes_a, ticks: some(modes_a) },
        marks: [
          Plot.cell(cells, { x: "b", y: "a", fill: "overlap" }),
          Plot.tip(cells, Plot.pointer({
            x: "b", y: "a",
            title: ({ a, b, overlap }) =>
                `mode ${a} of A, mode ${b} of B\noverlap ${shown(overlap)}` })),
        ],
      };
    });
    if (has_charts) note("overlaps", "White: at right angles, 0; dark blue: the same motion, 1.");
  }

  function fill_numbers() {
    const table = by_id("numbers").querySelector("table");
    const names = ["mode", "ev A", "overlap A", "sum A", "ev B", "overlap B", "sum B"];
    table.tHead.append(element(
        "tr", {}, ...names.map((name) => element("th", { scope: "col", class: "number" }, name))));
    const modes = Math.max(data.a.eigenvalues.length, data.b.eigenvalues.length);
    for (let k = 0; k < modes; ++k)
      table.tBodies[0].append(element(
          "tr", {},
          ...[k + 1, ...[data.a, data.b].flatMap(
                         (side) => [side.eigenvalues[k], side.overlaps[k], side.cumulative[k]])]
              .map((value) => element("td", { class: "number" }, shown(value)))));
  }

  // ---- 3-D view ---------------------------------------------------------------------------------

  const half = 20;      // frames from A to the end of the morph
  const period = 3200;  // ms, there and back
  const view = { viewer: null, model: null, playing: false, frame: -1, busy: false };

  function view_message(text) {
    by_id("canvas-box").hidden = by_id("view-controls").hidden = true;
    by_id("view-note").textContent = text;
  }

  function add_structure() {
    const most = largest(residues.displacement);
    const numbers = place_numbers(shape);
    const atoms = residues.displacement.map((length, i) => {
      const [x, y, z] = shape.positions.map((values) => values[i]);
      const [dx, dy, dz] = residues.morph.map((values) => values[i]);
      return { x, y, z, dx, dy, dz, elem: "C", atom: "CA", resn: "ALA", chain: shape.chains[i],
               resi: numbers[i], hetflag: false, bonds: [], bondOrder: [], serial: i,
               b: length / most };
    });
    view.model = view.viewer.addModel();
    view.model.addAtoms(atoms);
    const gradient = new $3Dmol.Gradient.CustomLinear(
        0, 1, ["#b3b3b3", "#e08a4a", vermilion, "#7a3000"]);
    view.viewer.setStyle({}, { cartoon: { style: "trace", thickness: 0.55,
                                          colorfunc: (atom) => gradient.valueToHex(atom.b) } });
    view.model.addFrame(view.model.selectedAtoms({}));  // which `vibrate` starts from
    view.model.vibrate(half, 1, false);
    view.viewer.zoomTo();
  }

  async function show_frame(frame) {
    if (frame === view.frame) return;
    view.frame = frame;
    await view.viewer.setFrame(frame);
    view.viewer.render();
  }

  function play() {
    if (view.playing && !view.busy && view.model) {
      view.busy = true;
      requestAnimationFrame(tick);
    }
  }

  async function tick(time) {
    if (!view.playing) {
      view.busy = false;
      return;
    }
    const way = (1 - Math.cos(2 * Math.PI * (time % period) / period)) / 2;
    await show_frame(Math.round((half - 1) * way));
    requestAnimationFrame(tick);
  }

  function set_playing(playing) {
    view.playing = playing;
    by_id("play").textContent = playing ? "Pause" : "Play";
    play();
  }

  async function draw_view() {
    by_id("move").querySelector("figcaption").textContent = has_step
        ? `From A towards B, along modes 1 to ${data.morph_modes} of A` : "A";
    if (!has_step) return view_message("A and B do not differ: nothing moves.");
    if (!has_viewer)
      return view_message(`This page has no 3-D view: it was made without 3Dmol.js. ${fetched}`);
    view.viewer = make_viewer(by_id("canvas-box"));
    if (!view.viewer) return view_message("This browser has no WebGL, which the 3-D view needs.");
    add_structure();
    by_id("view-note").textContent =
        `The matched residues of A, moved by the ${percent(data.morph_part)} of the step that these ` +
        "modes hold" + (data.morph_part < 0.95 ? ", all that were computed" : "") +
        ". Grey residues stay, dark orange ones go farthest from A to B. Drag or arrow keys turn, " +
        "wheel or + and - zoom.";
    await show_frame(0);
    set_playing(!matchMedia("(prefers-reduced-motion: reduce)").matches);
    by_id("play").addEventListener("click", () => set_playing(!view.playing));
  }

  // ---- The page ---------------------------------------------------------------------------------

  by_id("title").textContent = `${data.a.name} and ${data.b.name}`;
  by_id("sentence").textContent = data.sentence;
  by_id("summary").textContent =
      (has_step ? "What a mode holds is the square of its overlap, a part of the square length of the " +
                  "step. " : "") +
      `modesweep ${about.version}, ${about.date.replace("T", " ").replace("Z", " UTC")}.`;
  fill_list(by_id("run"), [["command", about.command]]);
  fill_list(by_id("parameters"), about.parameters.filter(([, value]) => value !== ""));
  fill_versions(about);
  fill_matched();
  fill_numbers();
  if (has_step) draw_displacement();
  by_id("displacement").hidden = by_id("held-a").hidden = by_id("held-b").hidden = !has_step;
  draw_fluctuation();
  if (has_step) {
    draw_held("held-a", data.a);
    draw_held("held-b", data.b);
  }
  draw_overlaps();
  redraw_with_window();
  next_frame().then(draw_view).then(() => performance.mark("page drawn"));
})();
