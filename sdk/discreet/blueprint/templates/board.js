// The journey: on a wide screen a table of stages and placements, on a narrow one a section for each stage.
const NARROW = matchMedia("(max-width: 44rem)");
const CROWDED = 60; // offers; from there on the page begins compact
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
  const text = Object.values(offer.c).find((each) => typeof each === "string" && each);
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

/** The first of the models that have it tells of a stage; the others are named where they ask something else. */
function stageOf(board, id) {
  const having = board.models.map((m) => [m, DATA.models[m].stages.findIndex((each) => each.id === id)]).filter(([, at]) => at >= 0);
  const [[m, at]] = having;
  return { first: at === 0, stage: DATA.models[m].stages[at] };
}

function entry(first, stage) {
  if (first && !stage.asks) return h("p", { class: "entry soft" }, word("everyone_begins"));
  return h("div", { class: "entry" }, h("span", { class: "eyebrow" }, word("begins_when")),
    h("ul", { class: "asks" }, (stage.asks ?? []).map((each) => asked(each))), marksOf(stage.marks));
}

const step = (id, at) => h("span", { class: "step" }, h("span", { class: "number", "aria-hidden": "true" }, String(at + 1)), h("bdi", { class: "stage-id" }, jointed(id)));

function stageTold(board, id) {
  const { first, stage } = stageOf(board, id);
  return [stage.says ? own(stage.says, "p", { class: "says" }) : null, entry(first, stage), h("p", { class: "gone-word" })];
}

function cellOf(model, m, placement, p, id) {
  const at = model.stages.findIndex((each) => each.id === id);
  if (at < 0) return null;
  const found = (placement.cells[at] ?? []).map((o) => card(OFFERS[m][o], p, at));
  return [h("ul", { class: "cards" }, found), h("button", { type: "button", class: "rest", hidden: true })];
}

// -- wide: a table

function table(board) {
  const corner = h("th", { class: "corner", scope: "col" }, word("placements"));
  const heads = board.stages.map((id, at) => h("th", { scope: "col", class: "stage", "data-stage-id": id }, step(id, at), h("p", { class: "tally soft" })));
  const told = board.stages.map((id) => h("td", { class: "stage-told", "data-stage-id": id }, stageTold(board, id)));
  const bodies = board.models.map((m) => channelRows(board, m));
  const made = h("table", { class: "board" }, h("caption", { class: "visually-hidden" }, word("board_caption")), h("thead", {}, h("tr", {}, corner, heads)), h("tbody", { class: "entries" }, h("tr", {}, h("td", { class: "corner" }), told)), bodies);
  made.style.setProperty("--stages", board.stages.length);
  return h("div", { class: "board-wrap" }, made);
}

function channelRows(board, m) {
  const model = DATA.models[m];
  const rows = model.placements.map((placement, p) =>
    h("tr", { class: "row", "data-row": `${m}.${p}` },
      h("th", { scope: "row", class: "placement" }, h("div", { class: "stuck" }, placementName(placement), fallback(model, m, placement))),
      board.stages.map((id) => {
        const cell = cellOf(model, m, placement, p, id);
        return h("td", { class: cell ? "cell" : "cell none", "data-stage-id": id }, cell ?? h("span", { class: "soft" }, word("no_such_stage")));
      })));
  const head = h("tr", { class: "channel" }, h("th", { scope: "rowgroup", colspan: board.stages.length + 1 }, channelHead(model, m)));
  return h("tbody", { "data-model": m }, head, rows);
}

function channelHead(model, m) {
  const competing = model.offers.filter((each) => each.p).length;
  const fold = (event) => {
    const body = event.currentTarget.closest("[data-model]");
    const folded = body.classList.toggle("folded");
    event.currentTarget.setAttribute("aria-expanded", String(!folded));
  };
  return h("div", { class: "stuck" }, h("button", { type: "button", class: "fold", "aria-expanded": "true", on: { click: fold } }, own(model.channel)),
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
  const boards = document.getElementById("boards");
  boards.replaceChildren(...DATA.boards.map((board, at) => {
    const made = narrow ? sections(board) : table(board);
    made.dataset.board = at;
    return made;
  }));
  const first = boards.querySelector(".open");
  if (first) first.tabIndex = 0;
  update();
  measure();
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
