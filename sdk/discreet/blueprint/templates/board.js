// The journey: on a wide screen a table of stages and placements, on a narrow one a section for each stage.
const NARROW = matchMedia("(max-width: 44rem)");
const CROWDED = 60; // offers; from there on the page begins compact
const TALL = 6; // cards of a cell; on paper a row with more may go on overleaf
const FEW = 4; // cards of a cell that a compact page shows at first
let printing = false;

const CARDS = new WeakMap(); // which offer a card is of, in which placement and stage

function card(offer, placement, stage) {
  const made = h("li", { class: "card", "data-offer": keyOf(offer) },
    h("button", { type: "button", class: "open", tabindex: "-1", "aria-haspopup": "dialog" }, headed(offer), footnote(offer)),
    h("div", { class: "more" },
      headline(offer) === offer.id ? null : h("p", { class: "id" }, code(offer.id)),
      offer.says ? teaser(offer) : null,
      conditionsOf(offer)),
    h("p", { class: "foot" }, marksOf(offer.marks), badges(offer)),
    h("p", { class: "gone-word" }));
  CARDS.set(made, { offer, placement, stage });
  return made;
}
const keyOf = (offer) => `${offer.m}.${offer.o}`;

function teaser(offer) {
  const text = firstText(offer);
  return text ? h("p", { class: "teaser", dir: "auto" }, printed(text)) : null;
}

const conditionsOf = (offer) => (offer.a ? h("ul", { class: "asks" }, offer.a.map((each) => asked(each))) : null);

function badges(offer) {
  const valid = window_(offer);
  return [
    offer.w ? h("span", { class: "badge warn" }, word("waives")) : null,
    valid ? h("span", { class: `badge${ended(offer) ? " warn" : ""}`, title: valid }, ended(offer) ? [word("ended"), h("span", { class: "at" }, `: ${valid}`)] : valid) : null,
    offer.missing ? h("span", { class: "badge warn" }, word("content_missing")) : null,
  ];
}

function footnote(offer) {
  return h("sup", { class: "footnote", "aria-hidden": "true" }, String(NUMBERS.get(offer)));
}
const NUMBERS = new Map(OFFERS.flat().map((offer, at) => [offer, at + 1]));

function fallback(model, m, placement) {
  const offer = OFFERS[m][placement.fallback];
  return h("div", { class: "fallback", "data-offer": `${m}.${placement.fallback}` },
    h("span", { class: "eyebrow" }, word("otherwise")),
    h("button", { type: "button", class: "open", tabindex: "-1", "aria-haspopup": "dialog" }, headed(offer), footnote(offer)),
    h("p", { class: "alone" }));
}

function placementName(placement) {
  return [h("bdi", { class: "placement-id" }, jointed(placement.id)), placement.says ? own(placement.says, "p", { class: "soft says" }) : null];
}

/** How the models of a board say a stage and its entry: each way with the channels that say it so. */
function waysOf(board, id) {
  const found = new Map();
  for (const m of board.models) for (const stage of DATA.models[m].stages.filter((each) => each.id === id)) {
    const key = JSON.stringify([stage.says, stage.asks]);
    found.set(key, [stage, [...(found.get(key)?.[1] ?? []), DATA.models[m].channel]]);
  }
  return [...found.values()];
}

function entry(stage) {
  if (!stage.asks) return h("p", { class: "entry soft" }, word("everyone_begins"));
  return h("div", { class: "entry" }, h("span", { class: "eyebrow" }, word("begins_when")),
    h("ul", { class: "asks" }, (stage.asks ?? []).map((each) => asked(each))), marksOf(stage.marks));
}

const step = (id, at) => h("span", { class: "step" }, h("span", { class: "number", "aria-hidden": "true" }, String(at + 1)), h("bdi", { class: "stage-id" }, jointed(id)));

function stageTold(board, id) {
  const ways = waysOf(board, id);
  const told = ways.map(([stage, channels]) => [
    ways.length > 1 ? h("p", { class: "eyebrow way" }, listed(channels.map((each) => own(each)))) : null,
    stage.says ? own(stage.says, "p", { class: "says" }) : null, entry(stage)]);
  return [told, h("p", { class: "gone-word" })];
}

function cellOf(model, m, placement, p, id) {
  const at = model.stages.findIndex((each) => each.id === id);
  if (at < 0) return null;
  const found = (placement.cells[at] ?? []).map((o) => card(OFFERS[m][o], p, at));
  return [h("ul", { class: "cards" }, found), h("button", { type: "button", class: "rest", hidden: true })];
}

// -- wide: a table

function table(board, stages) {
  const corner = h("th", { class: "corner", scope: "col" }, word("placements"));
  const heads = stages.map((id) => h("th", { scope: "col", class: "stage", "data-stage-id": id }, step(id, board.stages.indexOf(id)), h("p", { class: "tally soft" })));
  const told = stages.map((id) => h("td", { class: "stage-told", "data-stage-id": id }, stageTold(board, id)));
  const bodies = board.models.map((m) => channelRows(stages, m));
  const made = h("table", { class: "board" }, h("caption", { class: "visually-hidden" }, word("board_caption")), h("thead", {}, h("tr", {}, corner, heads)), h("tbody", { class: "entries" }, h("tr", {}, h("td", { class: "corner" }), told)), bodies);
  made.style.setProperty("--stages", stages.length);
  return h("div", { class: "board-wrap" }, made);
}

function channelRows(stages, m) {
  const model = DATA.models[m];
  const rows = model.placements.map((placement, p) =>
    h("tr", { class: placement.cells.some((cell) => cell.length > TALL) ? "row tall" : "row", "data-row": `${m}.${p}` },
      h("th", { scope: "row", class: "placement" }, h("div", { class: "stuck" }, placementName(placement), fallback(model, m, placement))),
      stages.map((id) => {
        const cell = cellOf(model, m, placement, p, id);
        return h("td", { class: cell ? "cell" : "cell none", "data-stage-id": id }, cell ?? h("span", { class: "soft" }, word("no_such_stage")));
      })));
  const head = h("tr", { class: "channel" }, h("th", { scope: "rowgroup", colspan: stages.length + 1 }, channelHead(model, m)));
  return h("tbody", { "data-model": m, class: isFolded(m) ? "folded" : null }, head, rows);
}

const isFolded = (m) => !printing && state.folded.has(m);

function channelHead(model, m) {
  const competing = model.offers.filter((each) => each.p).length;
  const fold = (event) => {
    const body = event.currentTarget.closest("[data-model]");
    const folded = body.classList.toggle("folded");
    state.folded[folded ? "add" : "delete"](m);
    event.currentTarget.setAttribute("aria-expanded", String(!folded));
    keepOneStop();
  };
  return h("div", { class: "stuck" }, h("button", { type: "button", class: "fold", "aria-expanded": String(!isFolded(m)), on: { click: fold } }, own(model.channel)),
    h("span", { class: "soft facts" }, listed([own(model.id), model.owner ? own(model.owner) : null, counted("count_placement", model.placements.length), counted("count_offer", competing)].filter(Boolean), " \u00b7 ")));
}

// -- narrow: stages one below the other

function sections(board) {
  return h("div", { class: "journey" }, board.stages.map((id, at) =>
    h("section", { class: "stage-section", "data-stage-id": id, "aria-label": id },
      h("h3", { class: "stage" }, step(id, at)),
      h("div", { class: "stage-told" }, stageTold(board, id)),
      board.models.map((m) => narrowChannel(m, id)))));
}

function narrowChannel(m, id) {
  const model = DATA.models[m];
  return model.placements.map((placement, p) => {
    const cell = cellOf(model, m, placement, p, id);
    if (!cell) return null;
    return h("div", { class: "cell row", "data-row": `${m}.${p}`, "data-model": m, "data-stage-id": id },
      h("h4", {}, own(model.channel, "span", { class: "eyebrow" }), " ", own(placement.id)), cell, fallback(model, m, placement));
  });
}

// -- both

function drawBoards() {
  const narrow = NARROW.matches && !printing;
  const stop = stopNow();
  boards.replaceChildren(...DATA.boards.flatMap((board, at) => {
    const made = narrow ? [sections(board)] : rowsOfStages(board).map((stages) => table(board, stages));
    for (const each of made) each.dataset.board = at;
    return made;
  }));
  update();
  measure();
  restore(stop);
}

/** On a screen that is wide enough all stages in one row, which may scroll; on paper as few as it takes. */
function rowsOfStages(board) {
  if (!printing) return [board.stages];
  let begin = 0;
  return board.rows.map((length) => board.stages.slice(begin, (begin += length)));
}

/** Whether a board is wider than its room: then it scrolls by itself, and its heads stay in sight there. */
function measure() {
  for (const wrap of document.querySelectorAll(".board-wrap")) {
    wrap.classList.remove("scrolls");
    const scrolls = wrap.scrollWidth > wrap.clientWidth + 1;
    wrap.classList.toggle("scrolls", scrolls);
    if (scrolls) for (const [key, value] of [["tabindex", "0"], ["role", "region"], ["aria-label", word("board_caption")]]) wrap.setAttribute(key, value);
    else for (const key of ["tabindex", "role", "aria-label"]) wrap.removeAttribute(key);
  }
  const bar = document.querySelector(".bar");
  document.documentElement.style.setProperty("--bar", getComputedStyle(bar).position === "sticky" ? `${bar.offsetHeight}px` : "0px");
}
