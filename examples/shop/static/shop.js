// What the page does beyond links and forms: it asks for consent, tells the server of a visit, and shows what then fits.

import { allows, answered, Banner, choose, chosen, onChoice } from "./consent.js";
import "./tcfapi.js";

const STORAGE = 1;
const FRESH = ["[data-slot=strip]", "main", ".inspector"]; // what depends on a choice
const said = document.querySelector("[data-said]");
const banner = new Banner(document.getElementById("consent"));

/** Tells the server that somebody is here, so that it counts the visit, or takes back what it kept. */
async function tell() {
  const viewed = document.querySelector("[data-viewed]")?.dataset.viewed ?? null;
  const answer = await fetch("/visits", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ viewed }) });
  const { tins } = answer.status === 200 ? await answer.json() : { tins: 0 };
  if (!new URLSearchParams(location.search).has("tea")) count(tins); // else the server counted what the address carries
}

/** Puts the number of tins beside the basket's name. */
function count(tins) {
  const shown = document.querySelector("[data-count]");
  shown.textContent = tins;
  shown.hidden = tins === 0;
}

/** Every offer on the page, and what it says. */
const offers = () => new Map([...document.querySelectorAll("[data-slot]")].map((each) => [each.dataset.slot, each]));
const words = () => new Map([...offers()].map(([name, slot]) => [name, slot.textContent]));

/** Puts what the server now says of this page in the place of what stands there. */
async function refresh() {
  const answer = await fetch(location.href, { cache: "no-store", headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const isLookedInto = document.querySelector(".inspector details")?.open;
  const before = words();
  const swap = () => {
    for (const part of FRESH) {
      const fresh = page.querySelector(part);
      if (fresh) document.querySelector(part)?.replaceChildren(...fresh.childNodes);
    }
    for (const [name, slot] of offers()) slot.classList.toggle("fresh", slot.textContent !== before.get(name));
    if (isLookedInto) document.querySelector(".inspector details").open = true;
  };
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (still || !document.startViewTransition) swap();
  else await document.startViewTransition(swap).updateCallbackDone;
}

onChoice(async () => {
  banner.close();
  try {
    await tell();
    await refresh();
    said.textContent = allows(STORAGE) ? "Saved. This shop now remembers." : "Saved. Nothing is kept any more.";
  } catch {
    location.reload(); // the choice is written: a page made anew is made by it
  }
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-choices]")) return;
  event.preventDefault();
  choose(answered(event.target, event.submitter));
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open-choices]");
  if (!opener) return;
  event.preventDefault();
  banner.open(opener);
});

if (!chosen()) banner.open();
else if (allows(STORAGE)) tell().catch(() => {});
