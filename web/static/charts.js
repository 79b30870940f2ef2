// Draws what stands in the tables, with Chart.js. A chart holds no number of its own: it reads the
// cells of the table beside it, and the arrow keys read its points aloud.
"use strict";

(() => {
  const MOST_SHARES = 6; // more slices than that are told apart by nobody; the rest is one
  const NARROW_PX = 400; // a legend beside the ring would squeeze it
  const drawn = new Map(); // plot -> its chart
  const root = document.documentElement;

  const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();

  const read = (figure) => {
    const { label, value, most } = figure.dataset;
    const table = figure.parentElement.querySelector("table");
    const points = [];
    for (const row of table ? table.tBodies[0].rows : []) {
      const exact = row.cells[value].querySelector("data");
      const at = row.cells[label].querySelector("time");
      points.push({
        label: row.cells[label].textContent,
        at: at ? at.dateTime : "",
        value: exact ? Number(exact.value) : null,
        text: row.cells[value].textContent,
      });
    }
    return most ? points.slice(0, Number(most)) : points;
  };

  // a month without orders has no row, and is drawn as none
  const months = (points, first, last) => {
    const within = points.filter(({ at }) => at >= first && (!last || at <= last));
    const known = new Map(within.map((point) => [point.at, point]));
    const names = [...known.keys()].sort();
    if (!names.length) return [];
    const count = (name) => Number(name.slice(0, 4)) * 12 + Number(name.slice(5)) - 1;
    const all = [];
    for (let month = count(names[0]); month <= count(names[names.length - 1]); month += 1) {
      const year = String(Math.floor(month / 12)).padStart(4, "0");
      const at = `${year}-${String((month % 12) + 1).padStart(2, "0")}`;
      all.push(known.get(at) || { label: lake.time(at), at, value: 0, text: "0" });
    }
    return all;
  };

  // times of other steps are drawn as they are: what lies between them nobody knows
  const inOrder = (points) => points.sort((one, other) => (one.at > other.at) - (one.at < other.at));

  const cut = (text) => (text.length > 22 ? `${text.slice(0, 21)}…` : text);

  const shares = (points) => {
    const whole = points.filter(({ value }) => value > 0);
    const total = whole.reduce((sum, { value }) => sum + value, 0);
    const rest = whole.slice(MOST_SHARES - 1);
    const shown = rest.length > 1 ? whole.slice(0, MOST_SHARES - 1) : whole;
    if (rest.length > 1) {
      const value = rest.reduce((sum, point) => sum + point.value, 0);
      shown.push({ label: `${rest.length} others`, at: "", value, text: lake.number(value, {}) });
    }
    return shown.map((point) => {
      const part = point.value / total;
      const percent = part < 0.01 ? `<${lake.number(0.01, { style: "percent" })}` : lake.number(part, { style: "percent" });
      return { ...point, label: `${cut(point.label)} ${percent}` };
    });
  };

  const axes = (figure, points) => {
    const values = {
      border: { display: false },
      grid: { color: colour("--rule"), drawTicks: false },
      ticks: {
        maxTicksLimit: 5,
        padding: 8,
        callback: (value) => lake.number(value, { notation: "compact" }),
      },
      beginAtZero: true,
    };
    const names = {
      border: { color: colour("--strong-rule") },
      grid: { display: false },
      ticks: { maxRotation: 0, autoSkipPadding: 18, padding: 6 },
    };
    if (figure.dataset.kind === "line") return { x: names, y: values };
    names.ticks = { autoSkip: false, padding: 6, callback: (_, index) => cut(points[index].label) };
    return { x: values, y: names };
  };

  const look = (kind, points, open) => {
    const accent = colour("--accent");
    const isOpen = (index) => open && points[index] && points[index].at === open;
    if (kind === "line") {
      return {
        borderColor: accent,
        borderWidth: 2,
        // a month that is not over: hollow, and led to by a broken line
        segment: { borderDash: (context) => (isOpen(context.p1DataIndex) ? [4, 4] : undefined) },
        pointBackgroundColor: (context) => (isOpen(context.dataIndex) ? colour("--ground") : accent),
        pointBorderColor: accent,
        pointRadius: points.length > 40 ? 0 : 3,
        pointHoverRadius: 6,
        fill: { target: "origin", above: colour("--area"), below: colour("--area") },
      };
    }
    if (kind === "share") {
      return {
        backgroundColor: points.map((_, index) => colour(`--share-${index + 1}`)),
        borderColor: colour("--ground"),
        borderWidth: 2,
        hoverBorderColor: colour("--ink"),
      };
    }
    return { backgroundColor: colour("--bar"), hoverBackgroundColor: accent, maxBarThickness: 22 };
  };

  const options = (figure, points) => {
    const { kind } = figure.dataset;
    const narrow = figure.clientWidth < NARROW_PX;
    return {
      responsive: true,
      maintainAspectRatio: false,
      // a part that renews itself shall not dance
      animation: false,
      indexAxis: kind === "bar" ? "y" : "x",
      interaction: { mode: kind === "share" ? "nearest" : "index", intersect: kind === "share", axis: kind === "bar" ? "y" : "x" },
      scales: kind === "share" ? {} : axes(figure, points),
      cutout: "62%",
      plugins: {
        legend:
          kind === "share"
            ? { position: narrow ? "bottom" : "right", onClick: () => {}, labels: { boxWidth: 12, boxHeight: 12, padding: narrow ? 8 : 14, color: colour("--ink") } }
            : { display: false },
        tooltip: {
          displayColors: false,
          backgroundColor: colour("--ink"),
          titleColor: colour("--ground"),
          bodyColor: colour("--ground"),
          titleFont: { weight: 500 },
          callbacks: {
            title: ([item]) => (item ? points[item.dataIndex].label : ""),
            label: (item) => points[item.dataIndex].text,
          },
        },
      },
    };
  };

  const draw = (figure) => {
    const plot = figure.querySelector(".plot");
    const { kind, first, last } = figure.dataset;
    let points = read(figure);
    if (kind === "line") points = first ? months(points, first, last) : inOrder(points);
    if (kind === "share") points = shares(points);
    const canvas = document.createElement("canvas");
    canvas.setAttribute("aria-hidden", "true");
    plot.replaceChildren(canvas);
    Chart.defaults.color = colour("--soft");
    Object.assign(Chart.defaults.font, { family: getComputedStyle(root).fontFamily, size: 12.5 });
    const chart = new Chart(canvas, {
      type: { line: "line", bar: "bar", share: "doughnut" }[kind],
      data: {
        labels: points.map(({ label }) => label),
        datasets: [{ data: points.map(({ value }) => value), ...look(kind, points, last) }],
      },
      options: options(figure, points),
    });
    chart.points = points;
    drawn.set(plot, chart);
  };

  const forget = (plot) => {
    drawn.get(plot).destroy();
    drawn.delete(plot);
  };

  // Chart.js is as large as all else together: it is fetched with the first chart that comes near
  let library;
  const loaded = () => {
    library ||= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = document.querySelector("[data-chart-library]").dataset.chartLibrary;
      script.onload = done;
      script.onerror = () => {
        library = undefined;
        failed(new Error("the charts' library cannot be fetched"));
      };
      document.head.append(script);
    });
    return library;
  };

  const drawPlot = (plot) => {
    if (plot.isConnected && !drawn.has(plot)) draw(plot.closest("figure"));
  };

  const near = new IntersectionObserver(
    async (entries) => {
      const plots = entries.filter(({ isIntersecting }) => isIntersecting).map(({ target }) => target);
      if (!plots.length) return;
      for (const plot of plots) near.unobserve(plot);
      await loaded();
      for (const plot of plots) {
        drawPlot(plot);
        // one chart at a time: the page stays quick to the touch in between
        await new Promise((done) => setTimeout(done));
      }
    },
    { rootMargin: "25%" },
  );

  const drawAll = () => {
    for (const plot of drawn.keys()) if (!plot.isConnected) forget(plot);
    for (const plot of document.querySelectorAll("figure.chart .plot")) {
      if (drawn.has(plot)) continue;
      // what is on the screen is drawn before it is painted, so that a renewed part does not blink
      const { top, bottom } = plot.getBoundingClientRect();
      if (window.Chart && bottom > 0 && top < innerHeight) drawPlot(plot);
      else near.observe(plot);
    }
  };

  const point = (chart, index) => {
    const element = chart.getDatasetMeta(0).data[index];
    const active = element ? [{ datasetIndex: 0, index }] : [];
    const place = element ? element.tooltipPosition() : { x: 0, y: 0 };
    chart.setActiveElements(active);
    chart.tooltip.setActiveElements(active, place);
    chart.update();
    chart.at = element ? index : undefined;
    if (element) {
      const { label, text } = chart.points[index];
      document.getElementById("status").textContent = `${label}: ${text}`;
    }
  };

  const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  document.addEventListener("keydown", (event) => {
    const chart = drawn.get(event.target);
    if (!chart || event.ctrlKey || event.metaKey || event.altKey) return;
    const last = chart.points.length - 1;
    const now = chart.at;
    if (event.key in STEPS) {
      // a line is begun at its newest point, a ranking at its first
      const first = chart.config.type === "line" ? last : 0;
      point(chart, now === undefined ? first : Math.min(Math.max(now + STEPS[event.key], 0), last));
    } else if (event.key === "Home") point(chart, 0);
    else if (event.key === "End") point(chart, last);
    else if (event.key === "Escape") point(chart, -1);
    else return;
    event.preventDefault();
  });
  document.addEventListener("focusout", (event) => {
    const chart = drawn.get(event.target);
    if (chart) point(chart, -1);
  });

  document.addEventListener("htmx:after:swap", drawAll);
  const again = () => {
    const plots = [...drawn.keys()];
    plots.forEach(forget);
    plots.forEach(drawPlot);
    drawAll();
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  // a canvas takes its letters from the fonts that are there when it is drawn
  document.fonts.ready.then(() => {
    for (const chart of drawn.values()) chart.update();
  });
  for (const [event, printing] of [["beforeprint", true], ["afterprint", false]]) {
    addEventListener(event, () => {
      root.classList.toggle("printing", printing);
      again();
      if (printing && window.Chart) document.querySelectorAll("figure.chart .plot").forEach(drawPlot);
    });
  }
  drawAll();
})();
