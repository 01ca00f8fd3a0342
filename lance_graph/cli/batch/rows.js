"use strict";
// The table on a page: sorted, searched and shown a hundred rows at a time. Without it all rows stand there.
document.documentElement.classList.add("js");
addEventListener("DOMContentLoaded", () => {
  const SIZE = 100;
  const table = document.querySelector("table.rows");
  const controls = document.querySelector(".controls");
  if (!table || !controls) return;
  const body = table.tBodies[0];
  const all = [...body.rows];
  const words = new WeakMap();
  const output = controls.querySelector("output");
  const fields = controls.elements;
  const heads = [...table.tHead.querySelectorAll("[data-by]")];
  let column = null, descending = false, page = 0, shown = all;

  const lower = (row) => {
    if (!words.has(row)) words.set(row, row.textContent.toLowerCase());
    return words.get(row);
  };
  const value = (row, by) => {
    if (by === "prompt") return row.cells[5].textContent;
    return by === "outcome" ? row.dataset.outcome : Number(row.dataset[by]);
  };
  const compare = (by, sign) => (a, b) => {
    const [x, y] = [value(a, by), value(b, by)];
    const order = typeof x === "string" ? x.localeCompare(y) : x - y;
    return sign * order || a.dataset.worst - b.dataset.worst;
  };
  const select = () => {
    const wanted = fields.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const outcome = fields.outcome.value;
    const group = fields.group ? fields.group.value : "";
    const order = fields.order.value;
    shown = all.filter((row) =>
      (!outcome || row.dataset.outcome === outcome) &&
      (!group || row.dataset.group === group) &&
      (order !== "alarm" || row.dataset.alarm >= 0) &&
      wanted.every((word) => lower(row).includes(word)));
    shown.sort(column ? compare(column, descending ? -1 : 1) : compare(order, 1));
    page = 0;
    show();
  };
  const show = () => {
    const pages = Math.max(1, Math.ceil(shown.length / SIZE));
    page = Math.min(Math.max(page, 0), pages - 1);
    body.replaceChildren(...shown.slice(page * SIZE, (page + 1) * SIZE));
    output.textContent = `${shown.length.toLocaleString("en")} of ${all.length.toLocaleString("en")} rows, page ${page + 1} of ${pages}`;
    fields.back.disabled = page === 0;
    fields.on.disabled = page === pages - 1;
    for (const head of heads) {
      if (head.dataset.by === column) head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
  };
  const find = () => {
    const row = all.find((one) => "#" + one.id === location.hash);
    if (!row) return;
    if (!shown.includes(row)) { controls.reset(); column = null; select(); }
    page = Math.floor(shown.indexOf(row) / SIZE);
    show();
    row.tabIndex = -1;
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "center" });
  };
  const turn = (by) => () => { page += by; show(); table.parentElement.scrollTop = 0; };

  for (const head of heads) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => {
      const figure = head.dataset.by === "before" || head.dataset.by === "after" || head.dataset.by === "rewrites";
      descending = column === head.dataset.by ? !descending : figure;
      column = head.dataset.by;
      select();
    });
    head.replaceChildren(button);
  }
  let waiting = 0;
  fields.search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(select, 120); });
  for (const name of ["outcome", "group"]) if (fields[name]) fields[name].addEventListener("change", select);
  fields.order.addEventListener("change", () => { column = null; select(); });
  fields.back.addEventListener("click", turn(-1));
  fields.on.addEventListener("click", turn(1));
  controls.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a[href^='#row-']");
    if (link && link.getAttribute("href") === location.hash) { event.preventDefault(); find(); }
  });
  addEventListener("hashchange", find);
  addEventListener("beforeprint", () => body.replaceChildren(...shown));
  addEventListener("afterprint", show);
  controls.hidden = false;
  select();
  table.classList.remove("waiting");
  find();
});
