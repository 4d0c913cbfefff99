// All that is known of one offer: in a dialog on the screen, as a numbered note on paper.
const dialog = document.getElementById("details");
let opener = null; // the place of the button that opened it; the button itself may be drawn anew

function rowsOf(pairs) {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined && !(Array.isArray(value) && !value.length));
  return h("dl", {}, shown.map(([key, value]) => [h("dt", {}, word(key)), h("dd", {}, value)]));
}

function openDetails(key, from) {
  const [m, o] = key.split(".").map(Number);
  const offer = OFFERS[m][o];
  opener = stopOf(from);
  dialog.querySelector(".body").replaceChildren(...detailsOf(offer).filter(Boolean));
  dialog.showModal();
  dialog.scrollTop = 0;
  dialog.querySelector("h2").focus();
}

function detailsOf(offer) {
  const title = h("h2", { id: "details-title", tabindex: "-1" }, headed(offer));
  return [
    h("p", { class: "eyebrow" }, own(offer.model.channel), " \u00b7 ", code(offer.id)),
    title,
    h("p", { class: "foot" }, marksOf(offer.marks), badges(offer)),
    offer.w ? h("p", { class: "warning" }, word("waives_explained")) : null,
    conditionsTold(offer),
    rowsOf([
      ["shown_in", shownIn(offer)],
      ["fallback_of", listed((offer.f ?? []).map((p) => own(offer.model.placements[p].id)))],
      ["priority", offer.p ? String(offer.n ?? 0) : null],
      ["window", window_(offer)],
      ["owner", offer.owner ? own(offer.owner) : null],
      ["exclusive", offer.exclusive ? own(offer.exclusive) : null],
      ["promises", listed((offer.promises ?? []).map((each) => own(each)))],
      ["reads", listed((offer.reads ?? []).map((each) => attributeOf(each)))],
      ["prints", listed((offer.t ?? []).map(([name, text]) => [attributeOf(name), " ", h("span", { class: "soft" }, "("), text ? own(text) : word("nothing"), h("span", { class: "soft" }, ")")]))],
      ["can_be_shown_under", leastTold(offer)],
      ["stands_at", placeOf(offer.at)],
    ]),
    h("h3", {}, word("content")), contentOf(offer),
  ];
}

function attributeOf(name) {
  const found = DATA.attributes.find((each) => each.name === name);
  return h("span", { class: "attribute" }, code(name), " ", marksOf(found?.marks));
}

function conditionsTold(offer) {
  if (!offer.p) return null;
  if (!offer.a) return [h("h3", {}, word("shown_when")), h("p", {}, word("nothing_asked"))][1];
  const conditions = [...named(offer.a)].map((at) => DATA.conditions[at]);
  return h("section", {},
    h("h3", {}, word("shown_when")), h("ul", { class: "asks large" }, offer.a.map((each) => asked(each))),
    h("p", { class: "source" }, code(offer.src ?? "")),
    conditions.length ? h("details", {}, h("summary", {}, counted("count_condition", conditions.length)), h("dl", { class: "conditions" }, conditions.map(conditionTold))) : null);
}

function conditionTold(condition) {
  const facts = [condition.basis ? word(`basis.${condition.basis}`) : word("no_basis"), condition.note ? own(condition.note) : null, condition.owner ? own(condition.owner) : null, placeOf(condition.at)];
  return [h("dt", {}, code(condition.id), " ", marksOf(condition.marks)),
    h("dd", {}, own(condition.says, "p"), h("p", { class: "source" }, code(condition.source ?? "")), h("p", { class: "soft" }, listed(facts.filter(Boolean), " \u00b7 ")))];
}

function shownIn(offer) {
  if (!offer.p) return null;
  const stages = offer.s.length === offer.model.stages.length ? [word("every_stage")] : offer.s.map((at) => own(offer.model.stages[at].id));
  return [listed(offer.p.map((p) => own(offer.model.placements[p].id))), h("br"), h("span", { class: "soft" }, listed(stages, " \u203a "))];
}

/** Each least set of purposes; for each placement, where they differ. */
function leastTold(offer) {
  if (!offer.p) return null;
  const same = new Set(offer.l).size === 1;
  const told = (least) => {
    if (least === null) return word("undecided");
    const sets = DATA.leasts[least];
    if (!sets.length) return word("never_shown");
    return listed(sets.map((set) => (set.length ? marksOf(set) : word("no_consent"))), ` ${word("or")} `);
  };
  if (same) return told(offer.l[0]);
  return h("ul", { class: "plain" }, offer.p.map((p, at) => h("li", {}, own(offer.model.placements[p].id), ": ", told(offer.l[at]))));
}

function contentOf(offer) {
  const lacks = [...new Set((offer.missing ?? []).flatMap(([, fields]) => fields))];
  const rows = offer.c.map(([key, value]) => [h("dt", {}, own(key)), h("dd", {}, valueOf(value))]);
  const gaps = lacks.map((key) => [h("dt", {}, own(key)), h("dd", { class: "lacks" }, word("missing"))]);
  return rows.length + gaps.length ? h("dl", { class: "content" }, rows, gaps) : h("p", { class: "soft" }, word("no_content"));
}

function valueOf(value) {
  if (typeof value === "string") return h("span", { dir: "auto" }, printed(value));
  const [json] = value;
  return /^[[{]/.test(json) ? h("pre", { dir: "auto", tabindex: "0" }, json) : code(json);
}

let outside = false; // where the pointer went down: a text that is selected may end anywhere
function isOutside({ clientX: x, clientY: y }) {
  const { left, right, top, bottom } = dialog.getBoundingClientRect();
  return x < left || x > right || y < top || y > bottom;
}
dialog.addEventListener("pointerdown", (event) => (outside = isOutside(event)));
dialog.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]") || (event.target === dialog && outside && isOutside(event))) dialog.close();
});
dialog.addEventListener("close", () => focusOn(found(opener)));
dialog.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step || modified(event) || event.target.closest("pre")) return;
  const all = openers();
  const next = all[(all.indexOf(found(opener)) + step + all.length) % all.length];
  if (next) {
    dialog.close();
    focusOn(next);
    openDetails(next.closest("[data-offer]").dataset.offer, next);
  }
});

// -- on paper

function notes() {
  const told = (offer) => [offer.src ? code(offer.src) : null, offer.n ? `${word("priority")} ${offer.n}` : null, window_(offer), offer.owner ? own(offer.owner) : null, placeOf(offer.at)];
  return h("section", { class: "notes" }, h("h3", {}, word("notes")), h("ol", {}, OFFERS.flat().map((offer) =>
    h("li", {}, h("b", {}, headed(offer)), " ", listed([code(offer.id), ...told(offer)].filter(Boolean), " \u00b7 ")))));
}
