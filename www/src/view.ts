// The interface of views and their context.
import type { EventFeed } from "./event-feed";
import type { OrdersStore } from "./orders-store";
import type { PatientsStore } from "./patients-store";
import type { PendingScans } from "./pending-scans";
import type { Session } from "./session";
import type { ScanRequestDraft } from "./views/scan-request-fields";

export interface View {
  /** The window's title. It stays in the browser's history, so it never names a patient. */
  title: string;
  element: HTMLElement;
  /** Stops whatever the view still has in progress. */
  dispose?: () => void;
}

export interface Context {
  session: Session;
  orders: OrdersStore;
  events: EventFeed;
  pending: PendingScans;
  patients: PatientsStore;
  draft: ScanRequestDraft;
  /** What was typed into the correction by chart number, but not sent. */
  correctionDraft: Map<string, string>;
  /** Opens the form for the address and token of the user's own practice. */
  enterAddress: () => void;
  /** Connects through the edge function. */
  connectToEdge: () => void;
  /** Announces a message to screen readers. */
  announce: (message: string) => void;
}
