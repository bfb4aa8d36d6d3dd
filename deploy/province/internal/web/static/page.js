// What the page does by itself: an element with data-stream takes rows, made by
// the server, from an event stream and puts them on top; one with data-chart is
// drawn by uPlot; a button with data-print prints. On a phone the menu slides to
// where one is.
"use strict";
const here = document.querySelector("nav a[aria-current]");
if (here) here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.offsetLeft - 24;
for (const body of document.querySelectorAll("tbody[data-stream]")) {
  const most = 100;
  const source = new EventSource(body.dataset.stream);
  const state = document.querySelector("[data-stream-state]");
  const say = (on) => { if (state) { state.textContent = on ? state.dataset.live : state.dataset.lost; state.className = "tag " + (on ? "green" : "amber"); } };
  source.onopen = () => say(true);
  source.onerror = () => say(false);
  source.addEventListener("rows", (event) => {
    const made = document.createElement("tbody");
    made.innerHTML = event.data; // escaped by the server's templates
    for (const row of [...made.rows].reverse()) {
      if (document.getElementById(row.id)) continue;
      row.classList.add("new");
      body.prepend(row);
    }
    while (body.rows.length > most) body.lastElementChild.remove();
  });
  source.addEventListener("figures", (event) => {
    for (const [name, value] of Object.entries(JSON.parse(event.data))) {
      const at = document.querySelector(`[data-figure="${CSS.escape(name)}"]`);
      if (at) at.textContent = value;
    }
  });
}
for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
for (const at of document.querySelectorAll("[data-chart]")) {
  const { label, days, series } = JSON.parse(at.dataset.chart);
  const format = (day) => new Date(day * 86400000).toISOString().replace(/^.*-(..)-(..)T.*$/, "$2/$1");
  const size = () => ({ width: at.clientWidth, height: Math.min(320, Math.max(200, at.clientWidth / 3)) });
  const chart = new uPlot({
    ...size(),
    padding: [null, 24, null, null],
    scales: { x: { time: false }, y: { range: (_, low, high) => [0, Math.max(5, high * 1.05)] } },
    axes: [
      { values: (_, all) => all.map((day) => (Number.isInteger(day) ? format(day) : "")), space: 60, incrs: [1, 2, 7, 14, 28, 91] },
      { size: 60, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000, 1000000] },
    ],
    series: [
      { label, value: (_, day) => (day == null ? "–" : format(day)) },
      ...series.map((s) => ({ label: s.label, value: (_, n) => n ?? "–", stroke: s.colour, width: 2, points: { show: days.length < 40 } })),
    ],
  }, [days, ...series.map((s) => s.values)], at);
  addEventListener("resize", () => chart.setSize(size()));
  // Paper has its own width.
  addEventListener("beforeprint", () => chart.setSize({ width: 680, height: 240 }));
  addEventListener("afterprint", () => chart.setSize(size()));
}
