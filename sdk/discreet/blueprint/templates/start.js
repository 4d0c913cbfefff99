// Drawn when all of the above is known; and drawn again for paper.
state.compact = OFFERS.flat().filter((each) => each.p).length > CROWDED;
document.getElementById("compact").setAttribute("aria-pressed", String(state.compact));
drawBoards();
drawRequirements();
NARROW.addEventListener("change", drawBoards);
addEventListener("resize", measure);
addEventListener("beforeprint", () => {
  printing = true;
  drawBoards();
  for (const each of document.querySelectorAll("details:not([open])")) each.dataset.closed = each.open = true;
  document.getElementById("notes").replaceChildren(notes());
});
addEventListener("afterprint", () => {
  printing = false;
  for (const each of document.querySelectorAll("[data-closed]")) {
    each.open = false;
    delete each.dataset.closed;
  }
  document.getElementById("notes").replaceChildren();
  drawBoards();
});
