// What the page does by itself: an element with data-stream takes rows, made by
// the server, from an event stream and puts them on top.
"use strict";
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
