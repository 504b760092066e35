// The number of unread events, beside their navigation entry.
import { fill, h } from "../dom";
import type { EventFeed } from "../event-feed";
import { count } from "../format";

/** Returns a function that shows the count for a feed; call it with every new connection. */
export function unreadMark(element: HTMLElement): (events: EventFeed) => void {
  let stopListening = (): void => {};
  return (events) => {
    const draw = (): void => {
      element.hidden = events.unread === 0;
      fill(element, count(events.unread), h("span", { class: "visually-hidden" }, " new"));
    };
    stopListening();
    stopListening = events.changed.add(draw);
    draw();
  };
}
