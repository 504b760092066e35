"use client";
import { useEffect, useState } from "react";
import { scanEvents } from "itero-dpms/events";

const SHOWN = 5;

/** The practice's latest events, updated live. */
export function Events() {
  const [events, setEvents] = useState([]);
  const [state, setState] = useState("connecting");

  useEffect(() => {
    const leaving = new AbortController();
    const { signal } = leaving;
    const onState = ({ type }) => signal.aborted || setState(type);
    const follow = async () => {
      const { edgeUrl, companyId } = await openSession(signal);
      const session = async () => (await openSession(signal))?.token;
      for await (const event of scanEvents({ edgeUrl, companyId, session, signal, onState })) {
        setEvents((before) => [event, ...before].slice(0, SHOWN));
      }
    };
    follow().catch(() => onState({ type: "stopped" }));
    return () => leaving.abort();
  }, []);

  return (
    <section>
      <h2>Events</h2>
      <p role="status">{STATES[state]}</p>
      <ul>
        {events.map(({ seq, type, orderId, previousStatus, status }) => (
          <li key={seq}>
            {type === "order.ready" ? "New" : "Changed"}: order {orderId}, {previousStatus && `${previousStatus} → `}
            {status}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Requests a session for the signed-in user from the server; null if nobody is signed in. */
async function openSession(signal) {
  const response = await fetch("/api/session", { method: "POST", signal });
  if (response.status === 401) return null;
  if (!response.ok) throw new Error(`The server responded with ${response.status}.`);
  return response.json();
}

const STATES = {
  connecting: "Connecting…",
  live: "Events appear as they happen.",
  polling: "Events appear within half a minute.",
  offline: "Offline: events appear when the connection is back.",
  stopped: "There are no events any more. Load the page again.",
};
