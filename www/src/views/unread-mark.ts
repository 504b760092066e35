// How many events nobody has looked at yet, beside their entry of the navigation.
import { fill, h } from "../dom";
import type { EventFeed } from "../event-feed";
import { count } from "../format";

/** Gives the function that shows the events of the practice that the page is connected to now. */
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
