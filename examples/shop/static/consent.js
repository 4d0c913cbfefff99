// The question of consent: asks, writes the answer as a TC string, and tells who listens. Refused is the default.

import { consented, encode } from "./tcstring.js";

export const COOKIE = "euconsent-v2";
const KEPT_S = 180 * 86_400; // as long as the answer counts; then we ask again
const listeners = new Set();

const cookie = () => document.cookie.split("; ").find((each) => each.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);

/** The TC string of the visitor's choice; undefined as long as there is none. */
export const chosen = () => cookie();

/** Whether `purpose` was consented to. */
export const allows = (purpose) => consented(chosen()).includes(purpose);

/** Calls `listener` after each choice. */
export const onChoice = (listener) => listeners.add(listener);

/** Writes the choice and tells all listeners; resolves when they are done. */
export async function choose(purposes) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${COOKIE}=${encode(purposes)}; Path=/; Max-Age=${KEPT_S}; SameSite=Lax${secure}`;
  for (const listener of listeners) await listener();
}

/** The banner: shown until there is a choice, and again when a link with `data-open-choices` asks for it. */
export class Banner {
  constructor(section) {
    this.section = section;
    this.form = section.querySelector("form");
    this.details = section.querySelector("[data-details]");
    this.toggle = section.querySelector("[data-choose]");
    this.save = section.querySelector("[data-save]");
    this.opener = null;
    section.querySelector("[data-gpc]").hidden = navigator.globalPrivacyControl !== true;
    this.toggle.addEventListener("click", () => this.unfold(this.details.hidden));
    section.addEventListener("keydown", (event) => event.key === "Escape" && chosen() && this.close());
    new ResizeObserver(() => this.makeRoom()).observe(section);
  }

  open(opener = null) {
    this.opener = opener;
    for (const box of this.boxes()) box.checked = allows(Number(box.value));
    this.unfold(opener !== null);
    this.section.hidden = false;
    this.section.classList.add("arrives");
    this.makeRoom();
    if (opener) this.section.focus();
  }

  close() {
    this.section.hidden = true;
    this.makeRoom();
    const next = this.opener?.isConnected ? this.opener : document.querySelector("main");
    next.focus({ preventScroll: true });
  }

  unfold(wide) {
    this.details.hidden = this.save.hidden = !wide;
    this.toggle.hidden = wide;
    this.toggle.setAttribute("aria-expanded", String(wide));
  }

  boxes() {
    return [...this.form.querySelectorAll("input[name=purpose]")];
  }

  /** Keeps the end of the page, and what has the focus, out from under the banner. */
  makeRoom() {
    const height = this.section.hidden ? 0 : this.section.offsetHeight;
    document.documentElement.style.setProperty("--covered", `${height ? height + 32 : 0}px`);
  }
}

/** The purposes that a submitted form with choices stands for. */
export function answered(form, button) {
  const boxes = [...form.querySelectorAll("input[name=purpose]")];
  const wanted = { all: boxes, some: boxes.filter((each) => each.checked) }[button?.value] ?? [];
  return wanted.map((each) => Number(each.value));
}
