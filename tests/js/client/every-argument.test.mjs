// Every argument of every call, from the declarations in `src/api`: sent under its key, refused by its name.
import assert from "node:assert/strict";
import { CALLS, ENDPOINTS } from "../support/calls.mjs";
import { rejection, test } from "../support/test.mjs";
import { RX_ID, scripted } from "../support/wire.mjs";

/** For what is allowed: what to pass, and what goes over the wire. */
const SAMPLES = {
  "a string": ["A & B", "A & B"],
  "a string that is not blank": [" ü ", " ü "],
  "a whole number from 0 to 4294967295": [4_294_967_295, 4_294_967_295],
  "a whole number from 1 to 1024": [1024, 1024],
  "a whole number from 1 to 100": [100, 100],
  "a whole number from 0 to 2^53 - 1, or its digits": ["09001", 9001],
  "a GUID such as a09292aa-8b06-45f9-a73c-350538bb32f3": [RX_ID.toUpperCase(), RX_ID],
  "a date as YYYY-MM-DD": ["2025-02-28", "2025-02-28"],
  "a date as YYYY-MM-DD, or an RFC 3339 time": ["2025-02-28T23:59:59+01:00", "2025-02-28T23:59:59+01:00"],
  "a day of the calendar as YYYY-MM-DD, not in the future": ["1984-02-29", "1984-02-29"],
  '"male", "female" or null': ["female", "Female"],
};

/** What goes over the wire of a request, by its keys. */
const sent = ({ method, query, body }) => (method === "GET" ? Object.fromEntries(query) : JSON.parse(body));

for (const call of CALLS.filter(({ argument }) => argument !== undefined)) {
  for (const { name, key, allowed, required } of call.takes) {
    test(`${call.name} sends ${name} as ${key}`, async (t) => {
      const { client, server } = await scripted(t, () => call.ok());
      const [value, onTheWire] = SAMPLES[allowed];
      await call.run(client, {}, { ...call.argument, [name]: value });
      const expected = call.method === "GET" ? String(onTheWire) : onTheWire;
      assert.deepEqual(sent(server.requests[0])[key], expected);
    });

    test(`${call.name} refuses any other ${name} by its name, and says what is allowed`, async (t) => {
      const { client, server } = await scripted(t, () => call.ok());
      for (const wrong of [Symbol("secret"), true, {}, NaN]) {
        const error = await rejection(() => call.run(client, {}, { ...call.argument, [name]: wrong }));
        assert.equal(error.kind, "invalid-argument");
        assert.deepEqual(error.fieldErrors, [{ field: name, message: `must be ${allowed}` }]);
      }
      assert.equal(server.requests.length, 0);
    });

    if (required) {
      test(`${call.name} needs ${name}`, async (t) => {
        const { client, server } = await scripted(t, () => call.ok());
        for (const missing of [undefined, null]) {
          const error = await rejection(() => call.run(client, {}, { ...call.argument, [name]: missing }));
          assert.deepEqual(error.fieldErrors, [{ field: name, message: `must be ${allowed}` }]);
        }
        assert.equal(server.requests.length, 0);
      });
    } else if (!(name in call.argument)) {
      test(`${call.name} takes undefined and null for ${name} as if it were left out`, async (t) => {
        const { client, server } = await scripted(t, () => call.ok());
        await call.run(client, {}, call.argument);
        for (const missing of [undefined, null]) await call.run(client, {}, { ...call.argument, [name]: missing });
        const [leftOut, ...others] = server.requests.map(sent);
        assert.deepEqual(others, [leftOut, leftOut]);
      });
    }
  }
}

test("every endpoint has its calls", () => {
  const covered = new Set(CALLS.map(({ method, endpoint }) => `${method} ${endpoint}`));
  const missing = Object.entries(ENDPOINTS).filter(([, { method, path }]) => !covered.has(`${method} ${path}`));
  // links.test.mjs has downloadLink: no path of the document is asked for.
  assert.deepEqual(
    missing.map(([name]) => name),
    ["downloads::LINK"],
  );
});
