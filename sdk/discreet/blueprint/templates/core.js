// What the page knows, and how it makes elements. Authors' words only ever become text: nothing here parses markup.
const DATA = JSON.parse(document.getElementById("drawing").textContent);
const WORDS = JSON.parse(document.getElementById("words").textContent);
const LANGUAGE = document.documentElement.lang;
const DAYS = { timeZone: "UTC", day: "numeric", month: "short", year: "numeric" };
const DATE = new Intl.DateTimeFormat(LANGUAGE, DAYS);
const MINUTE = new Intl.DateTimeFormat(LANGUAGE, { ...DAYS, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const SECOND = new Intl.DateTimeFormat(LANGUAGE, { ...DAYS, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const DAY_MS = 86400000;
const SHAPES = 8; // as many shapes and colours as the style sheet has
const state = { query: "", channel: "", stage: "", segment: "", purpose: "", granted: new Set(), folded: new Set(), compact: false };

DATA.marks.forEach((mark, number) => {
  if (mark.kind !== "essential") state.granted.add(number);
});

/** An element. `attributes` that are null or false are left out; children that are text become text. */
function h(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (key === "on") for (const [event, heard] of Object.entries(value)) made.addEventListener(event, heard);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((each) => each !== null && each !== undefined && each !== ""));
  return made;
}

/** An author's words, isolated from the direction of what stands around them. */
const own = (text, name = "bdi", attributes = {}) => h(name, { dir: "auto", ...attributes }, String(text));
/** A line may break behind the joints of a name. */
const jointed = (text) => String(text).split(/(?<=[_./-])/).flatMap((part, at) => (at ? [h("wbr"), part] : [part]));
/** An id or an expression. */
const code = (text, attributes = {}) => h("code", { dir: "ltr", ...attributes }, jointed(text));

/** The page's own words for `key`; `{name}` stands for a value, which may be an element. */
function say(key, values = {}) {
  const parts = WORDS[key].split(/\{(\w+)\}/);
  return parts.map((part, at) => (at % 2 ? values[part] : part)).filter((part) => part !== "");
}
const word = (key, values) => say(key, values).join("");
const counted = (key, n) => word(`${key}_${n === 1 ? "one" : "many"}`, { n: n.toLocaleString(LANGUAGE) });

/** A list with commas between its nodes. */
const listed = (nodes, between = ", ") => nodes.flatMap((node, at) => (at ? [between, node] : [node]));

const nameOf = (mark) => WORDS[`purpose.${mark.key}`] ?? mark.key;

function markOf(number) {
  const mark = DATA.marks[number];
  const look = mark.kind === "essential" ? "essential" : `k${number % SHAPES}`;
  return h("span", { class: `mark ${look}`, title: `${nameOf(mark)} (${mark.key})`, "data-mark": number },
    h("span", { "aria-hidden": "true" }, mark.letter), h("span", { class: "visually-hidden" }, `${nameOf(mark)} `));
}
const marksOf = (numbers) => (numbers?.length ? h("span", { class: "marks" }, numbers.map(markOf)) : null);

/** Every offer of every model once, with what filters ask of it. */
const OFFERS = DATA.models.map((model, m) => model.offers.map((offer, o) => ({ ...offer, model, m, o, c: offer.c ?? [] })));
const firstText = (offer) => offer.c.map(([, value]) => value).find((each) => typeof each === "string" && each);
const headline = (offer) => offer.says || firstText(offer) || offer.id;
/** The headline as an element: what comes from the content shows its tokens. */
const headed = (offer) => (offer.says ? own(offer.says) : h("bdi", { dir: "auto" }, headline(offer) === offer.id ? code(offer.id) : printed(headline(offer))));

/** A text of content as an author wrote it: tokens shown as what they print where nothing may be known. */
function printed(text) {
  const nodes = [];
  const piece = /\{\{|\}\}|\{([A-Za-z_]\w*)\|([^{}]*)\}|[^{}]+/g;
  for (const [all, name, fallback] of text.matchAll(piece)) {
    if (name) nodes.push(h("span", { class: "token", title: word("token_title", { name }) }, fallback || "\u2009\u2026\u2009"));
    else nodes.push(all === "{{" ? "{" : all === "}}" ? "}" : all);
  }
  return nodes;
}

// -- what may be known

/** Whether it can be under what is granted now; true where that could not be decided. */
const permits = (least) => least === undefined || least === null || DATA.leasts[least].some((set) => set.every((mark) => state.granted.has(mark)));

/** What is missing at least, under what is granted now; null where nothing would help. */
function missing(least) {
  const lacks = DATA.leasts[least].map((set) => set.filter((mark) => !state.granted.has(mark)));
  return lacks.length ? lacks.reduce((one, other) => (other.length < one.length ? other : one)) : null;
}
const competes = (offer, placement) => Boolean(offer.p?.includes(placement));
const leastOf = (offer, placement) => offer.l[offer.p.indexOf(placement)];
/** The same of those whose furthest stage is this one. */
function leastAt(offer, placement, stage) {
  const found = offer.k[offer.p.indexOf(placement)];
  return Array.isArray(found) ? found[offer.s.indexOf(stage)] : found;
}
const lacking = (offer, placement) => (offer.missing ?? []).find(([p]) => p === placement)?.[1];

// -- conditions

/** Positions of every condition that phrases name, also through other conditions. */
function named(phrases, found = new Set()) {
  for (const each of phrases ?? []) {
    if (typeof each === "number") {
      if (!found.has(each)) named(DATA.conditions[each].asks, found.add(each));
    } else if (typeof each === "object") named(each.all ?? each.any ?? [each.not], found);
  }
  return found;
}

/** A phrase in words: what has a name in its author's words, the rest as an expression. */
function phrase(each) {
  if (typeof each === "number") return own(DATA.conditions[each].says, "span", { class: "said" });
  if (typeof each === "string") return code(each);
  if (each.not !== undefined) return [h("span", { class: "joint" }, word("not")), " ", grouped(each.not)];
  const parts = each.all ?? each.any;
  const joint = () => [" ", h("span", { class: "joint" }, word(each.all ? "and" : "or")), " "];
  return parts.flatMap((part, at) => (at ? [...joint(), grouped(part)] : [grouped(part)]));
}
const grouped = (each) => (each.all || each.any ? h("span", { class: "group" }, phrase(each)) : phrase(each));

/** A phrase as an item of a list, which begins where its author's words do. */
const asked = (each) => (typeof each === "number" ? own(DATA.conditions[each].says, "li", { class: "said" }) : h("li", {}, phrase(each)));

/** Whole days of UTC by the first and the last of them; else instants, and the second is excluded. */
function window_({ from, until }) {
  const edges = [from, until].filter((each) => each !== undefined);
  if (!edges.length) return null;
  if (edges.every((each) => each % DAY_MS === 0)) {
    if (from === undefined) return word("window_through", { until: DATE.format(until - DAY_MS) });
    return until === undefined ? word("window_from", { from: DATE.format(from) }) : DATE.formatRange(from, until - DAY_MS);
  }
  const form = edges.every((each) => each % 60000 === 0) ? MINUTE : SECOND;
  if (from === undefined) return word("window_until", { until: `${form.format(until)} UTC` });
  return until === undefined ? word("window_from", { from: `${form.format(from)} UTC` }) : `${form.formatRange(from, until)} UTC`;
}
const ended = (offer) => offer.until !== undefined && offer.until <= DATA.now;
const placeOf = (at) => (at ? code(`${DATA.files[at[0]]}:${at[1]}`) : null);
