// Writes TC strings (IAB Tech Lab, Consent string and vendor list formats v2; TCF 2.3) for a site that speaks for itself:
// the visitor's choice stands in the publisher TC, and the core's vendor fields are empty, because nothing goes to vendors.

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const DAY_MS = 86_400_000;
export const PURPOSES = 24;

// A registered consent tool writes its own number here; this one is nobody's.
export const TOOL = 4095;

const number = (value, width) => value.toString(2).padStart(width, "0");
const flags = (ids, width) => Array.from({ length: width }, (_, at) => (ids.includes(at + 1) ? "1" : "0")).join("");
const letters = (pair) => [...pair.toUpperCase()].map((each) => number(each.charCodeAt(0) - 65, 6)).join("");
const NO_VENDORS = number(0, 16) + "0"; // the highest id, and a bit field of that many bits

function base64url(digits) {
  const filled = digits.padEnd(Math.ceil(digits.length / 24) * 24, "0"); // whole bytes, and whole characters
  return filled.match(/.{6}/g).map((six) => ALPHABET[parseInt(six, 2)]).join("");
}

/** Tenths of a second at the beginning of the UTC day: since TCF 2.2 a string is dated to the day. */
const dated = (at) => Math.floor(at.getTime() / DAY_MS) * (DAY_MS / 100);

/**
 * The TC string of a choice.
 *
 * @param {number[]} purposes Those of the publisher's that the visitor consented to, 1 to 24.
 * @param {{at?: Date, language?: string, country?: string}} about When it was chosen, in which language the question was
 *   asked, and where the publisher is established: two letters each.
 */
export function encode(purposes, { at = new Date(), language = "EN", country = "IT" } = {}) {
  const core =
    number(2, 6) + // version
    number(dated(at), 36) + number(dated(at), 36) + // created, last updated
    number(TOOL, 12) + number(1, 12) + // the tool and its version
    number(1, 6) + letters(language) + // screen, language
    number(0, 12) + // vendor list: none was shown
    number(5, 6) + // policy version
    "1" + "0" + // for this service only; standard texts
    flags([], 12) + // special features
    flags([], PURPOSES) + flags([], PURPOSES) + // for vendors: consents, legitimate interests
    "0" + letters(country) + // purpose 1 was disclosed
    NO_VENDORS + NO_VENDORS + number(0, 12); // consents, legitimate interests, restrictions
  const disclosed = number(1, 3) + NO_VENDORS;
  const publisher = number(3, 3) + flags(purposes, PURPOSES) + flags([], PURPOSES) + number(0, 6);
  return [core, disclosed, publisher].map(base64url).join(".");
}

/** The publisher's purposes that `text`, a string of this writer's, consents to; none when it is not one. */
export function consented(text) {
  const segment = (text ?? "").split(".").slice(1).map(digitsOf).find((digits) => digits.startsWith(number(3, 3)));
  if (!segment || segment.length < 3 + PURPOSES) return [];
  return Array.from({ length: PURPOSES }, (_, at) => at + 1).filter((each) => segment[2 + each] === "1");
}

const digitsOf = (segment) =>
  [...segment].map((each) => (ALPHABET.includes(each) ? number(ALPHABET.indexOf(each), 6) : "")).join("");
