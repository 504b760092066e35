// What is shown, and how: per part, and for all. An occlusal view of one arch hides the other, which would be in front of it.
import type { Look, PartLook } from "./graphics";
import type { ViewName } from "./orientation";
import type { PartName } from "./parts";

export class Settings implements Look {
  readonly parts = new Map<PartName, PartLook>();
  hasColor = true;
  section: Look["section"] = null;
  /** Hidden by an occlusal view, not by the user. */
  #hidden: PartName | null = null;

  /** Shows new parts, except scans from before the treatment if there is one from after it. */
  offer(parts: readonly PartName[]): void {
    for (const part of this.parts.keys()) if (!parts.includes(part)) this.parts.delete(part);
    for (const part of parts) {
      const isOld = part.startsWith("pretreatment-") && parts.includes(part.replace("pretreatment-", "") as PartName);
      if (!this.parts.has(part)) this.parts.set(part, { isVisible: !isOld, opacity: 1 });
    }
  }

  /** Restores the initial settings. */
  reset(): void {
    const parts = [...this.parts.keys()];
    this.parts.clear();
    this.offer(parts);
    this.section = null;
    this.#hidden = null;
  }

  isVisible(part: PartName): boolean {
    return this.parts.get(part)?.isVisible === true;
  }

  change(part: PartName, look: Partial<PartLook>): void {
    const known = this.parts.get(part);
    if (known === undefined) return;
    if (part === this.#hidden) this.#hidden = null;
    this.parts.set(part, { ...known, ...look });
  }

  /** Shows the parts that a view is for. */
  lookAt(view: ViewName): void {
    const inTheWay = view === "upper" ? "lower" : view === "lower" ? "upper" : null;
    const back = this.#hidden;
    if (back !== null && back !== inTheWay) this.change(back, { isVisible: true });
    if (inTheWay === null || !this.parts.has(view as PartName)) return;
    this.change(view as PartName, { isVisible: true });
    if (!this.isVisible(inTheWay)) return;
    this.change(inTheWay, { isVisible: false });
    this.#hidden = inTheWay;
  }
}
