// One request on stdin, one answer on stdout, both JSON. The request: `seed`, `count` of strings to make per kind, and
// `read`, lists of strings per kind. The answer: `made` and `read`, lists of `{text, means}` or `{text, error}` per kind.

import { readFileSync } from "node:fs";

import * as decode from "./decode.mjs";
import * as generate from "./generate.mjs";

const WRITE = { tcf: generate.tcString, gpp: generate.gppString };
const READ = { tcf: decode.tcString, gpp: decode.gppString };

function meaning(kind, text) {
  try {
    return { text, means: READ[kind](text) };
  } catch (error) {
    return { text, error: String(error.message) };
  }
}

const { seed, count, read } = JSON.parse(readFileSync(0, "utf-8"));
const answer = { made: {}, read: {} };
for (const kind of ["tcf", "gpp"]) {
  const dice = new generate.Dice(seed);
  const texts = Array.from({ length: count }, () => WRITE[kind](dice));
  answer.made[kind] = texts.map((text) => meaning(kind, text));
  answer.read[kind] = read[kind].map((text) => meaning(kind, text));
}
process.stdout.write(JSON.stringify(answer));
