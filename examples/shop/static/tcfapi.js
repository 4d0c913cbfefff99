// `__tcfapi`, as far as a page of this shop may be asked: ping, getTCData and event listeners.

import { chosen, onChoice } from "./consent.js";
import { consented, PURPOSES, TOOL } from "./tcstring.js";

const POLICY = 5;
const listening = new Map();
let next = 1;

const set = (ids, count) => Object.fromEntries(Array.from({ length: count }, (_, at) => [at + 1, ids.includes(at + 1)]));

function data(listenerId, eventStatus) {
  const text = chosen();
  return {
    tcString: text ?? "",
    tcfPolicyVersion: POLICY,
    cmpId: TOOL,
    cmpVersion: 1,
    gdprApplies: true,
    listenerId,
    eventStatus: eventStatus ?? (text ? "tcloaded" : "cmpuishown"),
    cmpStatus: "loaded",
    isServiceSpecific: true,
    useNonStandardTexts: false,
    publisherCC: "IT",
    purposeOneTreatment: false,
    purpose: { consents: {}, legitimateInterests: {} },
    vendor: { consents: {}, legitimateInterests: {}, disclosedVendors: {} },
    specialFeatureOptins: {},
    publisher: {
      consents: set(consented(text), PURPOSES),
      legitimateInterests: {},
      customPurpose: { consents: {}, legitimateInterests: {} },
      restrictions: {},
    },
  };
}

const commands = {
  ping: (answer) =>
    answer({ gdprApplies: true, cmpLoaded: true, cmpStatus: "loaded", displayStatus: chosen() ? "hidden" : "visible", apiVersion: "2.3", cmpId: TOOL, cmpVersion: 1, gvlVersion: 0, tcfPolicyVersion: POLICY }, true),
  getTCData: (answer) => answer(data(), true),
  addEventListener: (answer) => {
    listening.set(next, answer);
    answer(data(next++), true);
  },
  removeEventListener: (answer, id) => answer(listening.delete(id)),
};

window.__tcfapi = (command, version, answer, argument) =>
  Object.hasOwn(commands, command) ? commands[command](answer, argument) : answer(null, false);

onChoice(() => listening.forEach((answer, id) => answer(data(id, "useractioncomplete"), true)));
