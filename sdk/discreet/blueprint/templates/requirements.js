// The 4 D requirements, read off from the model: data, decisions, design, distribution; and the models side by side.
const LONG = 40; // rows; a longer table is folded at first
const SHORT = 8; // the same on a narrow screen
const DAY = 86400; // seconds

function tableOf(caption, heads, rows, empty) {
  if (!rows.length) return h("p", { class: "soft" }, word(empty ?? "nothing"));
  const names = heads.map((each) => word(each));
  const body = () => rows.map(([first, ...others]) => h("tr", {}, h("th", { scope: "row" }, first),
    others.map((each, at) => h("td", { "data-label": names[at + 1] }, each ?? h("span", { class: "soft" }, "\u2013")))));
  const made = h("div", { class: "wide", role: "region", tabindex: "0", "aria-label": word(caption) },
    h("table", { class: "stack" }, h("caption", { class: "visually-hidden" }, word(caption)), h("thead", {}, h("tr", {}, names.map((each) => h("th", { scope: "col" }, each)))), h("tbody", {}, body())));
  return h("details", { open: rows.length <= (NARROW.matches ? SHORT : LONG) }, h("summary", {}, word(caption), h("span", { class: "count" }, rows.length.toLocaleString(LANGUAGE))), made);
}

const put = (id, ...nodes) => document.getElementById(id).replaceChildren(...nodes.flat().filter(Boolean));
const names = (ids) => (ids?.length ? listed(ids.map((each) => code(each))) : null);
const several = DATA.models.length > 1;
const inModel = (model) => (several ? own(model.channel) : null);

function drawRequirements() {
  drawData();
  drawDecisions();
  drawDesign();
  drawDistribution();
  drawSides();
}

// -- data

function drawData() {
  const rows = DATA.attributes.map((each) => [
    code(each.name),
    [word(`type.${each.type}`), each.coarsens ? h("div", { class: "soft" }, coarsened(each)) : null, each.range ? h("div", {}, ranged(each.range)) : null],
    [word(`provenance.${each.provenance}`), each.category ? h("div", { class: "soft" }, code(each.category)) : null],
    h("span", { class: "purposes" }, each.marks.map((mark) => h("span", {}, markOf(mark), " ", nameOf(DATA.marks[mark])))),
    kept(each),
    usedBy(each),
  ]);
  put("data", tableOf("data_table", ["attribute", "type", "source", "purposes", "retention", "used_by"], rows));
}

function coarsened({ coarsens: [parent, method, parameter] }) {
  return say(`coarsens.${method}`, { parent: code(parent), n: Array.isArray(parameter) ? parameter.join(", ") : String(parameter) });
}
const ranged = ([low, high]) => word("range", { low: low ?? "\u2212\u221e", high: high ?? "\u221e" });

function kept(each) {
  if (each.retention === undefined) return h("span", { class: each.provenance === "contextual" ? "soft" : "lacks" }, word(each.provenance === "contextual" ? "not_kept" : "no_retention"));
  const [unit, size] = [["day", DAY], ["hour", 3600], ["minute", 60], ["second", 1]].find(([, seconds]) => each.retention % seconds === 0);
  return counted(unit, each.retention / size);
}

function usedBy({ used = {} }) {
  const kinds = ["stages", "offers", "tokens", "substitutes", "conditions"].filter((kind) => used[kind]);
  if (!kinds.length) return h("span", { class: "lacks" }, word("used_by_nothing"));
  return kinds.filter((kind) => kind !== "conditions" || kinds.length === 1).map((kind) => usedAs(kind, used[kind]));
}
function usedAs(kind, ids) {
  const label = counted(`used_${kind}`, ids.length);
  if (ids.length <= 3) return h("div", {}, label, " ", names(ids));
  return h("details", { class: "inline" }, h("summary", {}, label), names(ids));
}

// -- decisions

function drawDecisions() {
  const competing = OFFERS.flat().filter((each) => each.p);
  const conditions = DATA.conditions.map((each) => [
    [own(each.says), h("div", { class: "soft" }, code(each.id), each.segment ? [" ", h("span", { class: "badge" }, word("segment"))] : null)],
    code(each.source ?? ""),
    each.basis ? word(`basis.${each.basis}`) : h("span", { class: "lacks" }, word("no_basis")),
    each.note ? own(each.note) : null,
    each.owner ? own(each.owner) : null,
    marksOf(each.marks),
  ]);
  const stages = alikeStages().map(([each, channels]) => [
    [code(each.id), several ? h("div", { class: "soft" }, channels.length === DATA.models.length ? word("every_channel") : listed(channels.map((one) => own(one)))) : null], each.says ? own(each.says) : null,
    each.asks ? h("ul", { class: "asks" }, each.asks.map((one) => asked(one))) : word("everyone_begins"),
    marksOf(each.marks),
  ]);
  const offers = competing.map((each) => [
    [headed(each), h("div", { class: "soft" }, inModel(each.model), several ? " \u00b7 " : null, code(each.id))],
    conditionsOf(each) ?? h("span", { class: "soft" }, word("nothing_asked")),
    each.s.length === each.model.stages.length ? word("every_stage") : listed(each.s.map((at) => own(each.model.stages[at].id)), " \u203a "),
    String(each.n ?? 0),
    each.owner ? own(each.owner) : each.model.owner ? own(each.model.owner, "span", { class: "soft" }) : h("span", { class: "lacks" }, word("no_owner")),
  ]);
  put("decisions",
    gaps(competing),
    tableOf("stages_table", ["stage", "says", "begins_when", "purposes"], stages),
    tableOf("conditions_table", ["condition", "expression", "basis", "note", "owner", "purposes"], conditions, "no_conditions"),
    tableOf("offers_table", ["offer", "shown_when", "stages", "priority", "owner"], offers));
}

/** Each stage once, with the channels whose models say it so. */
function alikeStages() {
  const found = new Map();
  for (const model of DATA.models) for (const stage of model.stages) {
    const key = JSON.stringify([stage.id, stage.says, stage.asks]);
    found.set(key, [stage, [...(found.get(key)?.[1] ?? []), model.channel]]);
  }
  return [...found.values()];
}

/** What nobody answers for, and what rests on nothing. */
function gaps(competing) {
  const ownerless = competing.filter((each) => !each.owner && !each.model.owner);
  const baseless = DATA.conditions.filter((each) => !each.basis);
  const waived = competing.filter((each) => each.w);
  const rows = [[ownerless.length, "gap_owner"], [baseless.length, "gap_basis"], [waived.length, "gap_waiver"]].filter(([n]) => n);
  return rows.length ? h("ul", { class: "gaps" }, rows.map(([n, key]) => h("li", {}, counted(key, n)))) : null;
}

// -- design

function drawDesign() {
  const rows = OFFERS.flat().map((each) => [
    [headed(each), h("div", { class: "soft" }, inModel(each.model), several ? " \u00b7 " : null, code(each.id))],
    listed([...(each.p ?? []), ...(each.f ?? []).filter((p) => !each.p?.includes(p))].map((p) => own(each.model.placements[p].id))),
    contentOf(each),
    listed((each.t ?? []).map(([name, text]) => [code(name), " \u2192 ", text ? own(text) : word("nothing")]), h("br")),
  ]);
  const shows = DATA.models.flatMap((model, m) => model.placements.filter((each) => each.shows).map((each) => {
    const p = model.placements.indexOf(each);
    const incomplete = OFFERS[m].filter((offer) => lacking(offer, p));
    return [own(each.id), names(each.shows), incomplete.length ? h("ul", { class: "plain" }, incomplete.map((offer) => h("li", { class: "lacks" }, say("lacks", { offer: code(offer.id), fields: h("span", {}, names(lacking(offer, p))) })))) : word("complete"),
      String(OFFERS[m].filter((offer) => offer.p?.includes(p)).length)];
  }));
  put("design", shows.length ? tableOf("shows_table", ["placement", "shows", "missing", "offers"], shows) : null,
    tableOf("content_table", ["offer", "placements", "content", "tokens"], rows));
}

// -- distribution

function drawDistribution() {
  const rows = DATA.models.flatMap((model, m) => model.placements.map((each, p) => [
    [own(each.id), each.says ? h("div", { class: "soft" }, own(each.says)) : null], own(model.channel),
    headed(OFFERS[m][each.fallback]), String(OFFERS[m].filter((offer) => offer.p?.includes(p)).length),
    each.purposes ? (each.purposes.length ? listed(each.purposes.map((key) => code(key))) : word("only_essential")) : null,
  ]));
  const promised = OFFERS.flat().filter((each) => each.promises).map((each) => [code(each.id), own(each.model.channel), listed(each.promises.map((one) => own(one)))]);
  const exclusive = [...groups()].map(([group, offers]) => [own(group), listed(offers.map((each) => [code(each.id), several ? [" (", own(each.model.channel), ")"] : null]))]);
  put("distribution",
    tableOf("placements_table", ["placement", "channel", "fallback", "offers", "at_most"], rows),
    timeLine(),
    promised.length ? tableOf("promises_table", ["offer", "channel", "promises"], promised) : null,
    exclusive.length ? tableOf("exclusive_table", ["group", "offers"], exclusive) : null);
}
function groups() {
  const found = new Map();
  for (const each of OFFERS.flat()) if (each.exclusive) found.set(each.exclusive, [...(found.get(each.exclusive) ?? []), each]);
  return found;
}

/** A bar for each window between the first and the last edge; an open side runs into the margin. */
function timeLine() {
  const windowed = OFFERS.flat().filter((each) => each.from !== undefined || each.until !== undefined);
  if (!windowed.length) return h("p", { class: "soft" }, word("no_windows"));
  const edges = [...windowed.flatMap((each) => [each.from, each.until]), DATA.now].filter((each) => each !== undefined);
  const [first, last] = [Math.min(...edges), Math.max(...edges)];
  const margin = Math.max((last - first) * 0.06, DAY * 1000);
  const at = (instant) => ((instant - first + margin) / (last - first + 2 * margin)) * 100;
  const rows = windowed.sort((a, b) => (a.from ?? 0) - (b.from ?? 0)).map((each) => h("li", {}, h("span", { class: "what" }, headed(each)),
    h("span", { class: "lane", "aria-hidden": "true" }, barOf(each, at), today(at)), h("span", { class: "when soft" }, window_(each), ended(each) ? ` (${word("over")})` : "")));
  return h("details", { open: rows.length <= LONG }, h("summary", {}, word("windows_table"), h("span", { class: "count" }, String(rows.length))),
    h("ol", { class: "timeline" }, rows), h("p", { class: "soft" }, h("span", { class: "today-key", "aria-hidden": "true" }), " ", word("drawn_at", { date: DATE.format(DATA.now) })));
}
function barOf(offer, at) {
  const [from, until] = [offer.from === undefined ? 0 : at(offer.from), offer.until === undefined ? 100 : at(offer.until)];
  const made = h("span", { class: `span${ended(offer) ? " over" : ""}${offer.from === undefined ? " open-from" : ""}${offer.until === undefined ? " open-until" : ""}` });
  made.style.insetInlineStart = `${from}%`;
  made.style.inlineSize = `${Math.max(until - from, 0.8)}%`;
  return made;
}
function today(at) {
  const made = h("span", { class: "today" });
  made.style.insetInlineStart = `${at(DATA.now)}%`;
  return made;
}

// -- side by side

function drawSides() {
  const section = document.getElementById("sides");
  if (!section) return;
  const told = (aspect, value) => {
    if (aspect === "valid") return window_({ from: value[0] ?? undefined, until: value[1] ?? undefined }) ?? word("always");
    if (value === null || value === "") return h("span", { class: "soft" }, word("nothing"));
    if (aspect === "conditions") return code(value);
    return aspect === "stages" ? listed(value.map((each) => own(each)), " \u203a ") : aspect === "priority" ? String(value) : aspect === "says" ? own(value) : valueOf(value);
  };
  const aspectOf = (aspect) => (aspect.startsWith("content.") ? [word("content"), " ", code(aspect.slice(8))] : word(`aspect.${aspect}`));
  const rowsFor = (differing) => differing.flatMap(({ id, models, aspects }) => aspects.map(([aspect, values], at) => [
    at ? h("span", { class: "soft" }, code(id)) : code(id), aspectOf(aspect),
    h("dl", { class: "sides" }, models.map((m, which) => [h("dt", {}, own(DATA.models[m].channel)), h("dd", {}, told(aspect, values[which]))])),
  ]));
  const [rows, stages] = [rowsFor(DATA.differing), rowsFor(DATA.differingStages)];
  put("sides", h("p", {}, DATA.differing.length ? counted("differ", DATA.differing.length) : word("nothing_differs")),
    DATA.alike.length ? h("p", { class: "soft" }, counted("alike", DATA.alike.length)) : null,
    rows.length ? tableOf("sides_table", ["offer", "differs_in", "in_each"], rows) : null,
    stages.length ? tableOf("stages_differ", ["stage", "differs_in", "in_each"], stages) : null);
}
