// Error messages for users: for errors of the client, live events and scans, whose own messages are for developers.
const CONNECTION = "The connection failed. Load the page again.";
const DAMAGED = "The scan's archive is damaged. Try to download it again.";

const WORDS = {
  unauthorized: "Your session is over, or may not do this. Sign in again.",
  forbidden: "Your session may not follow events.",
  "not-found": "This is no longer there.",
  "not-ready": "The 3D files are still being made. Try again in a minute.",
  gap: "Some events were missed. Load the page again.",
  network: CONNECTION,
  timeout: CONNECTION,
  truncated: CONNECTION,
  server: "The service is in trouble. Try again later.",
  "rate-limited": "The service is busy. Try again later.",
  "not-a-zip": DAMAGED,
  corrupt: DAMAGED,
};

/** Returns a sentence for an error, or for its kind. */
export const inWords = (error) => WORDS[error?.kind ?? error] ?? "Something went wrong. Load the page again.";
