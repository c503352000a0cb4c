/* The history of quota as a chart, made of the table below it: one line for each bucket, in percent of its limit. */
"use strict";
(() => {
  const place = document.getElementById("chart");
  if (!place || typeof uPlot === "undefined") return;
  const ZONE = "America/Los_Angeles";
  const colour = (name) => {
    const probe = document.createElement("span");
    probe.style.color = `var(--${name})`;
    document.body.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };
  const noon = (day) => Date.parse(`${day}T20:00:00Z`) / 1000; /* noon in Pacific time, give or take an hour */
  const read = () => {
    const rows = [...document.querySelectorAll("#history-table tr[data-day]")];
    const days = [...new Set(rows.map((row) => row.dataset.day))].sort();
    const projects = new Set(rows.map((row) => row.dataset.project));
    const name = (row) => (projects.size > 1 ? `${row.dataset.project} ${row.dataset.bucket}` : row.dataset.bucket);
    const names = [...new Set(rows.map(name))].sort();
    const at = new Map(rows.map((row) => [`${row.dataset.day} ${name(row)}`, Number(row.dataset.percent)]));
    return { names, data: [days.map(noon), ...names.map((each) => days.map((day) => at.get(`${day} ${each}`) ?? null))] };
  };
  const ticks = (chart) => {
    const { ctx, bbox } = chart;
    ctx.save();
    for (const [percent, dash] of [[80, [6, 5]], [90, []]]) {
      const y = Math.round(chart.valToPos(percent, "y", true));
      ctx.beginPath();
      ctx.setLineDash(dash);
      ctx.strokeStyle = colour("ink-2");
      ctx.lineWidth = devicePixelRatio;
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
    }
    ctx.restore();
  };
  let chart = null;
  const draw = () => {
    const { names, data } = read();
    chart?.destroy();
    place.replaceChildren();
    const DAY = 86400, last = data[0].at(-1);
    const span = () => [last - (Number(place.dataset.days) - 0.5) * DAY, last + 0.5 * DAY];
    const tones = ["accent", "wait", "note", "busy", "good", "high"];
    const axis = { stroke: colour("ink-2"), grid: { stroke: colour("line"), width: 1 }, ticks: { stroke: colour("line") }, font: "12px system-ui, sans-serif" };
    chart = new uPlot({
      width: place.clientWidth, height: 260,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), ZONE),
      scales: { x: { range: span }, y: { range: (_, __, most) => [0, Math.max(100, most ?? 100)] } },
      axes: [
        { ...axis, space: 70, incrs: [86400, 172800, 604800, 1209600], values: (_, splits) => splits.map((each) => new Intl.DateTimeFormat("en", { day: "numeric", month: "short", timeZone: ZONE }).format(each * 1000)) },
        { ...axis, values: (_, splits) => splits.map((each) => `${each} %`) },
      ],
      series: [
        { label: "Day", value: (_, seconds) => (seconds === null ? "–" : new Intl.DateTimeFormat("en", { dateStyle: "medium", timeZone: ZONE }).format(seconds * 1000)) },
        ...names.map((name, index) => ({ label: name, stroke: colour(tones[index % tones.length]), width: 2, points: { size: 6 }, value: (_, percent) => (percent === null ? "–" : `${percent} %`) })),
      ],
      hooks: { draw: [ticks] },
      cursor: { y: false },
    }, data, place);
    chart.setLegend({ idx: data[0].length - 1 });
  };
  draw();
  let width = place.clientWidth;
  new ResizeObserver(() => {
    if (place.clientWidth !== width && chart) { width = place.clientWidth; chart.setSize({ width, height: 260 }); }
  }).observe(place);
  document.addEventListener("htmx:after:swap", () => { const { data } = read(); chart.setData(data); chart.setLegend({ idx: data[0].length - 1 }); });
  document.addEventListener("theme-changed", draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
