// What a view is, and what it is given.
import type { EventFeed } from "./event-feed";
import type { OrdersStore } from "./orders-store";
import type { PatientsStore } from "./patients-store";
import type { PendingScans } from "./pending-scans";
import type { Session } from "./session";
import type { ScanRequestDraft } from "./views/scan-request-fields";

export interface View {
  /** For the window's title. It stays in the browser's history, so it never names a patient. */
  title: string;
  element: HTMLElement;
  /** Stops what the view still has under way. */
  dispose?: () => void;
}

export interface Context {
  session: Session;
  orders: OrdersStore;
  events: EventFeed;
  pending: PendingScans;
  patients: PatientsStore;
  draft: ScanRequestDraft;
  /** What was typed to correct a patient by chart number and not sent. */
  correctionDraft: Map<string, string>;
  /** Opens the form for the address and token of a practice of the reader's own. */
  enterAddress: () => void;
  /** Connects to a sandbox on the reader's own machine. */
  connectToSandbox: (baseUrl: string) => void;
  /** Says something to people who do not see it happen. */
  announce: (message: string) => void;
}
