// Formats values for display. A null value is shown as a dash, so that views need no special case.
import type { Gender, Order } from "itero-dpms";

export const NONE = "–";

const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const utcDay = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const decimal = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const integer = new Intl.NumberFormat();

export function text(value: string | number | null): string {
  return value === null || value === "" ? NONE : String(value);
}

/** A time in the user's time zone. */
export function moment(value: string | null): string {
  return formatted(value, dateTime);
}

/** Formats a time of today, to the second. */
export function clockTime(at: number): string {
  return clock.format(at);
}

export function date(value: string | null): string {
  // A plain date has no time zone: in the user's time zone it could become the day before.
  return formatted(value, value !== null && value.length === 10 ? utcDay : day);
}

function formatted(value: string | null, format: Intl.DateTimeFormat): string {
  if (value === null) return NONE;
  const time = Date.parse(value);
  return Number.isNaN(time) ? value : format.format(time);
}

export function duration(seconds: number | null): string {
  if (seconds === null) return NONE;
  const minutes = Math.floor(seconds / 60);
  const rest = Math.round(seconds % 60);
  return minutes === 0 ? `${rest} s` : `${minutes} min ${rest} s`;
}

export function count(value: number): string {
  return integer.format(value);
}

export function bytes(value: number): string {
  if (value < 1000) return `${value} bytes`;
  return value < 1_000_000 ? `${decimal.format(value / 1000)} kB` : `${decimal.format(value / 1_000_000)} MB`;
}

export function patientName(order: Pick<Order, "patientFirstName" | "patientLastName">): string {
  return fullName({ firstName: order.patientFirstName, lastName: order.patientLastName });
}

export function fullName({ firstName, lastName }: { firstName: string | null; lastName: string | null }): string {
  return [firstName, lastName].filter(Boolean).join(" ") || "Unnamed patient";
}

export function gender(value: Gender | null): string {
  return value === null ? NONE : value === "female" ? "Female" : "Male";
}

export function milliseconds(value: number): string {
  return value < 1000 ? `${Math.round(value)} ms` : `${decimal.format(value / 1000)} s`;
}

/** The date `days` days ago, in the API's format. */
export function daysAgo(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
}

/** The procedure, or the legacy case type if the order has none (§4.4.5). */
export function procedureName(order: Pick<Order, "procedureName" | "caseType">): string {
  return text(order.procedureName || order.caseType);
}
