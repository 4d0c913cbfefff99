// What the page does beyond links and forms: it asks for consent, tells the server of a visit, and shows what then fits.

import { allows, answered, Banner, choose, chosen, onChoice } from "./consent.js";
import "./tcfapi.js";

const STORAGE = 1;
const FRESH = ["[data-slot=strip]", "main", ".inspector"]; // what depends on a choice
const said = document.querySelector("[data-said]");
const banner = new Banner(document.getElementById("consent"));

/** Tells the server that somebody is here, so that it counts the visit, or takes back what it kept. */
function tell() {
  const viewed = document.querySelector("[data-viewed]")?.dataset.viewed ?? null;
  return fetch("/visits", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ viewed }) });
}

/** Puts what the server now says of this page in the place of what stands there. */
async function refresh() {
  const answer = await fetch(location.href, { cache: "no-store", headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const isLookedInto = document.querySelector(".inspector details")?.open;
  const swap = () => {
    for (const part of FRESH) {
      const fresh = page.querySelector(part);
      if (fresh) document.querySelector(part)?.replaceChildren(...fresh.childNodes);
    }
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
