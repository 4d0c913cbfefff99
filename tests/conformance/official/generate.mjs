// Random strings, written by the official libraries. The same seed gives the same strings, on every day.

import { GppModel, RangeEntry, Sections } from "@iabgpp/cmpapi";
import {
  GVL, PurposeRestriction, PurposeRestrictionVector, Segment, SegmentEncoder, TCModel, TCString, Vector,
} from "@iabtechlabtcf/core";

const FIRST_DS = Date.UTC(2020, 0, 1) / 100; // deciseconds
const LAST_DS = Date.UTC(2040, 0, 1) / 100;
const OPTIONAL = [Segment.VENDORS_DISCLOSED, Segment.VENDORS_ALLOWED, Segment.PUBLISHER_TC];
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** Dice that a seed determines (mulberry32). */
export class Dice {
  constructor(seed) {
    this.state = seed >>> 0;
  }

  roll() { // 0 <= roll < 1
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  between(low, high) { // both included
    return low + Math.floor(this.roll() * (high - low + 1));
  }

  chance(share) {
    return this.roll() < share;
  }

  pick(list) {
    return list[this.between(0, list.length - 1)];
  }

  shuffled(list) {
    return list.map((each) => [this.roll(), each]).sort(([a], [b]) => a - b).map(([, each]) => each);
  }

  letters() {
    return this.pick(LETTERS) + this.pick(LETTERS);
  }

  date() {
    return new Date(this.between(FIRST_DS, LAST_DS) * 100);
  }

  /** Ascending ids of 1 to `highest`; none, few, half, most or all of them. */
  ids(highest) {
    const share = this.pick([0, 0.1, 0.5, 0.9, 1]);
    return Array.from({ length: highest }, (_, at) => at + 1).filter(() => this.chance(share));
  }

  flags(count) {
    const set = new Set(this.ids(count));
    return Array.from({ length: count }, (_, at) => set.has(at + 1));
  }

  /** Ascending vendor ids: small or large lists, dense, in runs, or a few far ones. */
  vendors() {
    switch (this.between(0, 4)) {
      case 0: return [];
      case 1: return this.ids(this.between(1, 60));
      case 2: return this.ids(this.between(100, 1200));
      case 3: return this.runs(this.between(1, 12), 4000);
      default: return this.runs(this.between(1, 4), 65535);
    }
  }

  runs(count, highest) {
    const found = new Set();
    for (let run = 0; run < count; run++) {
      const first = this.between(1, highest);
      const last = Math.min(highest, first + (this.chance(0.5) ? 0 : this.between(1, 80)));
      for (let id = first; id <= last; id++) found.add(id);
    }
    return [...found].sort((a, b) => a - b);
  }
}

function vector(ids) {
  const made = new Vector();
  ids.forEach((id) => made.set(id));
  return made;
}

function restrictions(dice) {
  const made = new PurposeRestrictionVector();
  const known = new Set();
  for (let record = dice.between(0, 4); record > 0; record--) {
    const restriction = new PurposeRestriction(dice.between(1, 24), dice.between(0, 2));
    for (const id of dice.runs(dice.between(1, 5), dice.pick([40, 1500, 65535]))) {
      made.add(id, restriction);
      known.add(id);
    }
  }
  made.gvl = { vendorIds: known }; // the encoder joins ids into ranges over those that are on no list
  return made;
}

function model(dice, made = new TCModel()) {
  made.created = dice.date();
  made.lastUpdated = dice.chance(0.5) ? made.created : dice.date();
  made.cmpId = dice.between(2, 4095);
  made.cmpVersion = dice.between(0, 4095);
  made.consentScreen = dice.between(0, 63);
  made.isServiceSpecific = dice.chance(0.8);
  made.useNonStandardTexts = dice.chance(0.3);
  made.specialFeatureOptins = vector(dice.ids(12));
  made.purposeConsents = vector(dice.ids(24));
  made.purposeLegitimateInterests = vector(dice.ids(24));
  made.purposeOneTreatment = dice.chance(0.2);
  made.publisherCountryCode = dice.letters();
  made.publisherConsents = vector(dice.ids(24));
  made.publisherLegitimateInterests = vector(dice.ids(24));
  made.numCustomPurposes = dice.chance(0.5) ? 0 : dice.between(1, 63);
  made.publisherCustomConsents = vector(dice.ids(made.numCustomPurposes));
  made.publisherCustomLegitimateInterests = vector(dice.ids(made.numCustomPurposes));
  return made;
}

/** A string of any fields: the encoder alone, without the rules that a vendor list brings. */
function freeTcString(dice) {
  const made = model(dice);
  made.consentLanguage = dice.letters();
  made.vendorListVersion = dice.between(0, 4095);
  made.policyVersion = dice.between(0, 63);
  made.vendorConsents = vector(dice.vendors());
  made.vendorLegitimateInterests = vector(dice.vendors());
  made.vendorsDisclosed = vector(dice.vendors());
  made.vendorsAllowed = vector(dice.vendors());
  made.publisherRestrictions = restrictions(dice);
  const segments = dice.shuffled(OPTIONAL).filter(() => dice.chance(0.6));
  return [Segment.CORE, ...segments].map((segment) => SegmentEncoder.encode(made, segment)).join(".");
}

/** A string as a consent tool makes it: through `TCString.encode`, under the rules of a vendor list. */
function ruledTcString(dice) {
  const vendors = {};
  for (const id of dice.runs(dice.between(1, 8), 1500)) vendors[id] = vendor(dice, id);
  const made = model(dice, new TCModel(vendorList(dice, vendors)));
  const some = () => vector(Object.keys(vendors).map(Number).filter(() => dice.chance(0.7)));
  made.vendorConsents = some();
  made.vendorLegitimateInterests = some();
  made.vendorsDisclosed = some();
  for (const id of Object.keys(vendors)) {
    made.publisherRestrictions.add(Number(id), new PurposeRestriction(dice.between(2, 11), dice.between(0, 2)));
  }
  return TCString.encode(made);
}

function vendor(dice, id) {
  const legIntPurposes = [2, 7, 8, 9, 10, 11].filter(() => dice.chance(0.3));
  const purposes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].filter((each) => !legIntPurposes.includes(each) && dice.chance(0.5));
  const flexiblePurposes = [...purposes, ...legIntPurposes].filter((each) => each !== 1 && dice.chance(0.5));
  return {
    id, name: `vendor ${id}`, purposes, legIntPurposes, flexiblePurposes,
    specialPurposes: dice.chance(0.3) ? [1] : [], features: [], specialFeatures: [],
  };
}

function vendorList(dice, vendors) {
  const named = (count) => Object.fromEntries(
    Array.from({ length: count }, (_, at) => [at + 1, { id: at + 1, name: `${at + 1}`, description: "" }]),
  );
  GVL.emptyCache();
  GVL.emptyLanguageCache();
  return new GVL({
    gvlSpecificationVersion: 3, vendorListVersion: dice.between(1, 4095), tcfPolicyVersion: dice.between(2, 5),
    lastUpdated: "2026-01-01T00:00:00Z", purposes: named(11), specialPurposes: named(2), features: named(3),
    specialFeatures: named(2), stacks: {}, dataCategories: {}, vendors,
  }, { language: dice.pick(["EN", "FR", "DE", "IT", "PT-BR", "SR-LATN"]) });
}

export function tcString(dice) {
  return dice.chance(0.3) ? ruledTcString(dice) : freeTcString(dice);
}

/** A GPP string of one, some or all sections, the drafts 24 to 27 included. */
export function gppString(dice) {
  const made = new GppModel();
  const names = Sections.SECTION_ORDER;
  const chosen = dice.chance(0.4) ? [dice.pick(names)] : names.filter(() => dice.chance(dice.pick([0.1, 0.3, 0.9])));
  for (const name of chosen.length ? chosen : ["usnat"]) fill(made, name, dice);
  return made.encode();
}

function fill(made, name, dice) {
  const set = (field, value) => made.setFieldValue(name, field, value);
  if (name === "uspv1") return ["Notice", "OptOutSale", "LspaCovered"].forEach((field) => set(field, dice.pick(["Y", "N", "-"])));
  if (name.startsWith("tcf")) return fillTcf(made, name, dice);
  const version1 = name === "usnat" && dice.chance(0.4);
  if (version1) set("Version", 1);
  const blank = new GppModel();
  blank.setFieldValue(name, "MspaCoveredTransaction", 1);
  for (const [field, value] of Object.entries(blank.getSection(name))) {
    if (field === "Gpc") {
      set("GpcSegmentIncluded", dice.chance(0.7));
      set("Gpc", dice.chance(0.5));
    } else if (Array.isArray(value)) {
      const length = version1 ? { 16: 12, 3: 2 }[value.length] : value.length;
      set(field, Array.from({ length }, () => dice.between(0, 2)));
    } else if (!field.endsWith("Version") && !field.endsWith("SegmentType")) {
      set(field, dice.between(field === "MspaCoveredTransaction" ? 1 : 0, 2));
    }
  }
}

function fillTcf(made, name, dice) {
  const canada = name === "tcfcav1";
  const set = (field, value) => made.setFieldValue(name, field, value);
  set("CmpId", dice.between(2, 4095));
  set("CmpVersion", dice.between(0, 4095));
  set("ConsentScreen", dice.between(0, 63));
  set("ConsentLanguage", dice.letters());
  set("VendorListVersion", dice.between(0, 4095));
  set(canada ? "TcfPolicyVersion" : "PolicyVersion", dice.between(0, 63));
  set("UseNonStandardStacks", dice.chance(0.3));
  set(canada ? "SpecialFeatureExpressConsent" : "SpecialFeatureOptins", dice.flags(12));
  set(canada ? "PurposesExpressConsent" : "PurposeConsents", dice.flags(24));
  set(canada ? "PurposesImpliedConsent" : "PurposeLegitimateInterests", dice.flags(24));
  set(canada ? "VendorExpressConsent" : "VendorConsents", dice.vendors());
  set(canada ? "VendorImpliedConsent" : "VendorLegitimateInterests", dice.vendors());
  set(canada ? "PubRestrictions" : "PublisherRestrictions", Array.from({ length: dice.between(0, 3) }, () => new RangeEntry(
    dice.between(1, 24), dice.between(0, 2), dice.runs(dice.between(1, 4), 1500),
  )));
  set(canada ? "PubPurposesExpressConsent" : "PublisherConsents", dice.flags(24));
  set(canada ? "PubPurposesImpliedConsent" : "PublisherLegitimateInterests", dice.flags(24));
  const custom = dice.chance(0.5) ? 0 : dice.between(1, 63);
  set("NumCustomPurposes", custom);
  set(canada ? "CustomPurposesExpressConsent" : "PublisherCustomConsents", dice.flags(custom));
  set(canada ? "CustomPurposesImpliedConsent" : "PublisherCustomLegitimateInterests", dice.flags(custom));
  set(canada ? "DisclosedVendors" : "VendorsDisclosed", dice.vendors());
  if (!canada) {
    set("PurposeOneTreatment", dice.chance(0.2));
    set("PublisherCountryCode", dice.letters());
  }
  set("Created", dice.date()); // last: every other field sets today's date
  if (canada) set("LastUpdated", dice.date());
}
