import { useEffect, useEffectEvent, useState } from "react";
import { scanEvents } from "itero-dpms/events";

/**
 * Follows a practice's events while the component is mounted, and returns the state, such as `{ type: "live" }`.
 *
 * @param {{ edgeUrl: string, companyId: number, session: () => Promise<string | null> }} portal
 * @param {boolean} isReady whether to start
 * @param {(event: import("itero-dpms/events").ScanEvent, signal: AbortSignal) => Promise<void>} onEvent awaited before the next event
 */
export function useScanEvents({ edgeUrl, companyId, session }, isReady, onEvent) {
  const [state, setState] = useState({ type: "connecting" });
  const handle = useEffectEvent(onEvent);

  useEffect(() => {
    if (!isReady) return;
    const leaving = new AbortController();
    const { signal } = leaving;
    const onState = (next) => signal.aborted || setState(next);
    const follow = async () => {
      for await (const event of scanEvents({ edgeUrl, companyId, session, signal, onState })) {
        await handle(event, signal);
      }
    };
    follow().catch((error) => onState({ type: "stopped", reason: error.kind ?? "failed" }));
    return () => leaving.abort();
  }, [edgeUrl, companyId, session, isReady]);

  return state;
}
