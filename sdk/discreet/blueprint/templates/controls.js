// What can be asked of the picture: filters, the switch of each purpose, and the keyboard.
const bar = document.getElementById("filters");
const expanded = new Set();
const READS = new Map(OFFERS.flat().map((offer) => [offer, dependsOn(offer)]));
const TEXTS = new Map(OFFERS.flat().map((offer) => [offer, searched(offer)]));
const NAMES = new Map(OFFERS.flat().map((offer) => [offer, new Set([...named(offer.a)].map((at) => DATA.conditions[at].id))]));

/** Marks of all that an offer can depend on: its conditions, what it prints, and the entry of its stages. */
function dependsOn(offer) {
  const printed_ = (offer.t ?? []).flatMap(([name]) => DATA.attributes.find((each) => each.name === name)?.marks ?? []);
  const stages = (offer.s ?? []).flatMap((at) => offer.model.stages[at].marks ?? []);
  return new Set([...(offer.marks ?? []), ...printed_, ...stages]);
}

function searched(offer) {
  const says = [...named(offer.a)].map((at) => `${DATA.conditions[at].says} ${DATA.conditions[at].id}`);
  const where = [...(offer.p ?? []).map((p) => offer.model.placements[p].id), ...(offer.s ?? []).map((at) => offer.model.stages[at].id)];
  const content = offer.c.flatMap(([, value]) => (typeof value === "string" ? value : texts(JSON.parse(value[0]))));
  return [offer.id, offer.says, offer.owner, offer.src, ...where, ...content, ...says].join(" ").toLocaleLowerCase(LANGUAGE);
}

/** Every text within a value of content. */
function texts(value) {
  if (typeof value === "string") return [value];
  return value && typeof value === "object" ? Object.values(value).flatMap((each) => texts(each)) : [];
}

function fits(offer) {
  if (state.channel && offer.model.channel !== state.channel) return false;
  if (state.purpose && !READS.get(offer).has(Number(state.purpose))) return false;
  if (state.segment && !NAMES.get(offer).has(state.segment)) return false;
  const stages = (offer.s ?? []).map((at) => offer.model.stages[at].id);
  if (state.stage && !stages.includes(state.stage)) return false;
  return state.query.toLocaleLowerCase(LANGUAGE).split(/\s+/).every((each) => TEXTS.get(offer).includes(each));
}
const filtering = () => Boolean(state.query.trim() || state.channel || state.stage || state.segment || state.purpose);

/** Bring every card, cell, row and count in line with the state. */
function update() {
  const fitting = new Set(OFFERS.flat().filter((offer) => offer.p && fits(offer)).map((offer) => keyOf(offer)));
  document.body.classList.toggle("compact", state.compact);
  for (const each of document.querySelectorAll("[data-stage-id]")) each.hidden = Boolean(state.stage) && each.dataset.stageId !== state.stage;
  for (const each of document.querySelectorAll("[data-model]")) each.hidden = Boolean(state.channel) && DATA.models[each.dataset.model].channel !== state.channel;
  const reach = reached();
  for (const cell of document.querySelectorAll(".cell")) updateCell(cell, fitting);
  updateHeads(reach, fitting);
  updateRows();
  count(fitting);
  keepOneStop();
}

/** Of each model, whether each stage can still be reached. */
const reached = () => DATA.models.map((model) => model.stages.map((stage) => permits(stage.least)));

function updateCell(cell, fitting) {
  const cards = [...cell.querySelectorAll(".card")];
  const open = expanded.has(cellKey(cell)) || !state.compact || printing;
  let shown = 0;
  for (const each of cards) {
    const fit = fitting.has(each.dataset.offer);
    if (fit) shown += 1;
    each.hidden = !fit || (!open && shown > FEW);
    fade(each);
  }
  const rest = cell.querySelector(".rest");
  if (!rest) return;
  const more = shown - FEW;
  rest.hidden = !state.compact || more < 1 || printing;
  rest.setAttribute("aria-expanded", String(open));
  rest.textContent = open ? word("fewer") : counted("more", more);
}
const cellKey = (cell) => `${cell.closest("[data-row]").dataset.row} ${cell.dataset.stageId}`;

/** A card is gone where its offer can no longer be shown to anybody whose furthest stage this is. */
function fade(each) {
  const { offer, placement, stage } = CARDS.get(each);
  const gone = !permits(leastAt(offer, placement, stage));
  each.classList.toggle("gone", gone);
  each.querySelector(".gone-word").replaceChildren(...(gone ? goneWords(offer, placement, stage) : []));
}

function goneWords(offer, placement, stage) {
  const lacks = missing(leastAt(offer, placement, stage));
  if (lacks !== null) return say("gone", { marks: marksOf(lacks) });
  const anywhere = leastOf(offer, placement);
  return [word(anywhere === null || DATA.leasts[anywhere].length ? "not_here" : "never_shown")];
}

function updateHeads(reach, fitting) {
  for (const head of document.querySelectorAll(".stage, .stage-told")) {
    const id = head.closest("[data-stage-id]").dataset.stageId;
    const board = head.closest("[data-board]");
    const { models } = DATA.boards[board.dataset.board];
    const stages = models.flatMap((m) => DATA.models[m].stages.map((stage, at) => [stage, reach[m][at]])).filter(([stage]) => stage.id === id);
    const gone = stages.every(([, can]) => !can);
    head.classList.toggle("gone", gone);
    const said = head.querySelector(".gone-word");
    said?.replaceChildren(...(gone ? say("stage_gone", { marks: marksOf(missing(stages[0][0].least) ?? []) }) : []));
    const tally = head.querySelector(".tally");
    if (tally) {
      const cards = [...board.querySelectorAll(`td[data-stage-id="${CSS.escape(id)}"] .card:not(.gone)`)].map((each) => each.dataset.offer);
      tally.textContent = counted("count_offer", new Set(cards.filter((each) => fitting.has(each))).size);
    }
  }
}

/** A placement of which nothing remains shows its fallback to everybody, and says so. */
function updateRows() {
  for (const row of document.querySelectorAll(".row")) {
    const [m, p] = row.dataset.row.split(".").map(Number);
    const left = OFFERS[m].some((offer) => competes(offer, p) && permits(leastOf(offer, p)));
    row.classList.toggle("only-fallback", !left);
    row.querySelector(".alone").textContent = left ? "" : word("only_fallback");
  }
}

function count(fitting) {
  const competing = OFFERS.flat().filter((offer) => offer.p);
  const left = competing.filter((offer) => offer.l.some(permits));
  const found = filtering() ? word("found", { n: fitting.size, all: competing.length }) : counted("count_offer", competing.length);
  document.getElementById("found").textContent = found;
  const withdrawn = DATA.marks.some((mark, at) => mark.kind !== "essential" && !state.granted.has(at));
  document.getElementById("remains").textContent = word(withdrawn ? "remains" : "all_granted", { n: left.length, all: competing.length });
  document.body.classList.toggle("withdrawn", withdrawn);
  document.getElementById("clear").hidden = !filtering();
}

// -- filters

bar.addEventListener("input", (event) => {
  if (!(event.target.name in state)) return;
  state[event.target.name] = event.target.value;
  update();
});
bar.addEventListener("submit", (event) => event.preventDefault());
document.getElementById("clear").addEventListener("click", () => {
  bar.reset();
  for (const key of ["query", "channel", "stage", "segment", "purpose"]) state[key] = "";
  update();
  bar.elements.query.focus();
});
document.getElementById("compact").addEventListener("click", (event) => {
  state.compact = !state.compact;
  event.currentTarget.setAttribute("aria-pressed", String(state.compact));
  update();
  measure();
});

// -- purposes: a grant covers the keys below it, so what is below goes and comes with what is above

const covers = (grant, key) => key === grant || key.startsWith(`${grant}.`);
for (const each of document.querySelectorAll("[role=switch]")) {
  each.addEventListener("click", () => {
    const key = DATA.marks[each.dataset.switch].key;
    const on = each.getAttribute("aria-checked") !== "true";
    DATA.marks.forEach((mark, at) => {
      if (mark.kind === "essential") return;
      if (on && covers(key, mark.key)) state.granted.add(at);
      if (!on && covers(mark.key, key)) state.granted.delete(at);
    });
    showSwitches();
    update();
  });
}
function showSwitches() {
  for (const each of document.querySelectorAll("[role=switch]")) each.setAttribute("aria-checked", String(state.granted.has(Number(each.dataset.switch))));
}

// -- cards: one stop for Tab, arrows from card to card, Enter opens

const boards = document.getElementById("boards");
const openers = () => [...boards.querySelectorAll(".open")].filter((each) => each.checkVisibility());

function focusOn(button) {
  if (!button) return;
  boards.querySelectorAll(".open[tabindex='0']").forEach((each) => (each.tabIndex = -1));
  button.tabIndex = 0;
  button.focus();
}
function keepOneStop() {
  const all = openers();
  if (!all.some((each) => each.tabIndex === 0) && all[0]) {
    boards.querySelectorAll(".open[tabindex='0']").forEach((each) => (each.tabIndex = -1));
    all[0].tabIndex = 0;
  }
}

/** Where a button stands, by which it is found again when all is drawn anew. */
function stopOf(button) {
  const [row, stage, offer] = [["[data-row]", "row"], ["[data-stage-id]", "stageId"], ["[data-offer]", "offer"]].map(([where, key]) => button.closest(where)?.dataset[key]);
  return { row, stage, offer };
}
/** The button in that place; where there is none, another of the same offer. */
function found(stop) {
  const alike = openers().map((each) => [each, stopOf(each)]).filter(([, each]) => stop && each.offer === stop.offer);
  const same = alike.find(([, each]) => each.row === stop.row && each.stage === stop.stage) ?? alike[0];
  return same?.[0] ?? openers()[0];
}
function stopNow() {
  const button = boards.querySelector(".open[tabindex='0']");
  return button && { ...stopOf(button), focused: button === document.activeElement };
}
function restore(stop) {
  const button = stop && found(stop);
  if (!button) return;
  boards.querySelectorAll(".open[tabindex='0']").forEach((each) => (each.tabIndex = -1));
  button.tabIndex = 0;
  if (stop.focused) button.focus();
}
const modified = (event) => event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;

const AHEAD = {
  ArrowRight: (a, b) => [b.left - a.left, Math.abs(b.top - a.top)],
  ArrowLeft: (a, b) => [a.left - b.left, Math.abs(b.top - a.top)],
  ArrowDown: (a, b) => [b.top - a.top, Math.abs(b.left - a.left) * 4],
  ArrowUp: (a, b) => [a.top - b.top, Math.abs(b.left - a.left) * 4],
};
function nearest(from, ahead) {
  const here = from.getBoundingClientRect();
  let best = null;
  let least = Infinity;
  for (const each of openers()) {
    const [along, aside] = ahead(here, each.getBoundingClientRect());
    if (along > 4 && along + aside * 2 < least) [best, least] = [each, along + aside * 2];
  }
  return best;
}
boards.addEventListener("keydown", (event) => {
  const button = event.target.closest(".open");
  if (!button || modified(event)) return;
  const ends = { Home: 0, End: -1 };
  const next = event.key in ends ? openers().at(ends[event.key]) : AHEAD[event.key] && nearest(button, AHEAD[event.key]);
  if (next || AHEAD[event.key]) event.preventDefault();
  if (next) focusOn(next);
});
boards.addEventListener("click", (event) => {
  const rest = event.target.closest(".rest");
  if (rest) {
    const key = cellKey(rest.closest(".cell"));
    expanded[expanded.has(key) ? "delete" : "add"](key);
    update();
    return;
  }
  const button = event.target.closest(".open");
  if (!button) return;
  focusOn(button);
  openDetails(button.closest("[data-offer]").dataset.offer, button);
});

/** The same offer in other cells stands out while one of its cards is looked at. */
function twins(event) {
  const key = event.target.closest?.("[data-offer]")?.dataset.offer;
  for (const each of boards.querySelectorAll(".twin")) each.classList.remove("twin");
  if (key && event.type !== "mouseleave") for (const each of boards.querySelectorAll(`[data-offer="${key}"]`)) each.classList.add("twin");
}
for (const type of ["mouseover", "focusin", "mouseleave"]) boards.addEventListener(type, twins);
