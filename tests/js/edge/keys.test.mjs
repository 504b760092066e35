// The secrets of the environment: each change of a variable counts at once, in the same process.
import assert from "node:assert/strict";

import { keysFrom } from "../../../pkg/lib/webhook/keys.js";
import { test } from "../support/test.mjs";

test("a callback secret is checked whenever it has changed", (t) => {
  t.mock.method(console, "error", () => {});
  const unusable = (CALLBACK_SECRETS) => keysFrom({ CALLBACK_SECRETS, ADMIN_KEY: "key" }).unusable;
  const of = ["usable", "has/slash", "has/slash", "usable", "usable,has space", ""].map(unusable);
  const refused = ["CALLBACK_SECRETS"];
  assert.deepEqual(of, [[], refused, refused, [], refused, []]);
});
