// What a client keeps when its instance of the module is given back: without it, a client that is made again would send the token that was
// refused before, and number its calls from 1 again.

/**
 * How many calls were made, and the token that `refresh` gave last, with the one that it stands for.
 * @typedef {{ calls: number, refreshed: [string, string] | null }} Session
 */

/** By the options that a client was made of, and is made again. @type {WeakMap<object, Session>} */
const sessions = new WeakMap();

/** @param {object} options */
export function sessionOf(options) {
  const session = sessions.get(options) ?? { calls: 0, refreshed: null };
  sessions.set(options, session);
  return session;
}

/** The number of the next call. @param {Session} session */
export const nextCallId = (session) => (session.calls += 1);

/** @param {Session} session @param {string} insteadOf @param {string} token */
export function keepToken(session, insteadOf, token) {
  session.refreshed = [insteadOf, token];
}

/** The token that was kept, and the one that it stands for. @param {Session} session */
export const keptTokens = (session) => session.refreshed ?? [];
