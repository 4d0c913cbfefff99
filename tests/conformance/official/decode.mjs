// What the official libraries read in a string, in the form of spec/vectors: their values, nothing judged or mended.

import { GppModel } from "@iabgpp/cmpapi";
import { Base64Url, SegmentIDs, TCString } from "@iabtechlabtcf/core";

const SEGMENTS = { // the library's name of a segment: ours
  core: "core", vendorsDisclosed: "disclosed_vendors", vendorsAllowed: "allowed_vendors", publisherTC: "publisher_tc",
};

export function tcString(text) {
  const read = TCString.decode(text);
  const vector = (each) => [...each.values()].sort((a, b) => a - b);
  return {
    version: read.version,
    created_ds: read.created.getTime() / 100,
    last_updated_ds: read.lastUpdated.getTime() / 100,
    cmp_id: read.cmpId,
    cmp_version: read.cmpVersion,
    consent_screen: read.consentScreen,
    consent_language: read.consentLanguage,
    vendor_list_version: read.vendorListVersion,
    policy_version: read.policyVersion,
    is_service_specific: read.isServiceSpecific,
    use_non_standard_texts: read.useNonStandardTexts,
    special_feature_opt_ins: vector(read.specialFeatureOptins),
    purposes_consent: vector(read.purposeConsents),
    purposes_li: vector(read.purposeLegitimateInterests),
    purpose_one_treatment: read.purposeOneTreatment,
    publisher_country: read.publisherCountryCode,
    vendor_consents: intervals(vector(read.vendorConsents)),
    vendor_li: intervals(vector(read.vendorLegitimateInterests)),
    publisher_restrictions: records(read.publisherRestrictions.getRestrictions().map((each) => ({
      purpose: each.purposeId, type: each.restrictionType, ids: read.publisherRestrictions.getVendors(each),
    }))),
    disclosed_vendors: intervals(vector(read.vendorsDisclosed)),
    allowed_vendors: intervals(vector(read.vendorsAllowed)),
    publisher_tc: {
      purposes_consent: vector(read.publisherConsents),
      purposes_li: vector(read.publisherLegitimateInterests),
      num_custom_purposes: read.numCustomPurposes,
      custom_consent: vector(read.publisherCustomConsents),
      custom_li: vector(read.publisherCustomLegitimateInterests),
    },
    segments: segments(text),
  };
}

function segments(text) {
  const kinds = text.split(".").filter(Boolean).map((segment) => parseInt(Base64Url.decode(segment[0]).slice(0, 3), 2));
  return kinds.map((kind) => SEGMENTS[SegmentIDs.ID_TO_KEY[kind]]);
}

/** Ascending ids as `[first, last]`, merged. */
function intervals(ids) {
  const found = [];
  for (const id of ids) {
    const last = found.at(-1);
    if (last && id <= last[1] + 1) last[1] = Math.max(last[1], id);
    else found.push([id, id]);
  }
  return found;
}

/** Restrictions by purpose and type, of one pair merged, without the empty ones. */
function records(list) {
  const byPair = new Map();
  for (const { purpose, type, ids } of list) {
    const key = purpose * 4 + type;
    byPair.set(key, [...(byPair.get(key) ?? []), ...ids]);
  }
  return [...byPair].sort(([a], [b]) => a - b).filter(([, ids]) => ids.length).map(([key, ids]) => ({
    purpose: key >> 2, type: key & 3, vendors: intervals(ids.sort((a, b) => a - b)),
  }));
}

export function gppString(text) {
  const read = new GppModel(text);
  const sections = Object.entries(read.toObject()).map(([name, fields]) => [name, section(name, fields, text)]);
  return { version: read.getHeader().Version, section_ids: read.getSectionIds(), sections: Object.fromEntries(sections) };
}

function section(name, fields, text) {
  if (name === "tcfeuv2") return { ...europe(fields), segments: segments(text.split("~").at(1) ?? text) };
  if (name === "tcfcav1") return canada(fields);
  return Object.fromEntries(Object.entries(fields).filter(([field]) => !field.endsWith("SegmentType")));
}

const set = (flags) => flags.flatMap((flag, at) => (flag ? [at + 1] : []));
const sorted = (ids) => intervals([...ids].sort((a, b) => a - b));

function europe(fields) {
  return {
    version: fields.Version,
    created_ds: fields.Created.getTime() / 100,
    last_updated_ds: fields.LastUpdated.getTime() / 100,
    cmp_id: fields.CmpId,
    cmp_version: fields.CmpVersion,
    consent_screen: fields.ConsentScreen,
    consent_language: fields.ConsentLanguage,
    vendor_list_version: fields.VendorListVersion,
    policy_version: fields.PolicyVersion,
    is_service_specific: fields.IsServiceSpecific,
    use_non_standard_texts: fields.UseNonStandardStacks,
    special_feature_opt_ins: set(fields.SpecialFeatureOptins),
    purposes_consent: set(fields.PurposeConsents),
    purposes_li: set(fields.PurposeLegitimateInterests),
    purpose_one_treatment: fields.PurposeOneTreatment,
    publisher_country: fields.PublisherCountryCode,
    vendor_consents: sorted(fields.VendorConsents),
    vendor_li: sorted(fields.VendorLegitimateInterests),
    publisher_restrictions: records(fields.PublisherRestrictions.map(
      ({ key, type, ids }) => ({ purpose: key, type, ids }),
    )),
    disclosed_vendors: sorted(fields.VendorsDisclosed),
    allowed_vendors: sorted(fields.VendorsAllowed),
    publisher_tc: {
      purposes_consent: set(fields.PublisherConsents),
      purposes_li: set(fields.PublisherLegitimateInterests),
      num_custom_purposes: fields.NumCustomPurposes,
      custom_consent: set(fields.PublisherCustomConsents),
      custom_li: set(fields.PublisherCustomLegitimateInterests),
    },
  };
}

function canada(fields) {
  return Object.fromEntries(Object.entries(fields).flatMap(([field, value]) => {
    if (field.endsWith("SegmentType")) return [];
    if (value instanceof Date) return [[field, value.getTime() / 100]];
    if (field === "PubRestrictions") return [[field, restrictions(value)]];
    if (!Array.isArray(value)) return [[field, value]];
    return [[field, field.includes("Vendor") ? sorted(value) : set(value)]];
  }));
}

function restrictions(list) {
  return records(list.map(({ key, type, ids }) => ({ purpose: key, type, ids }))).map(
    ({ purpose, type, vendors }) => ({ key: purpose, type, ids: vendors }),
  );
}
