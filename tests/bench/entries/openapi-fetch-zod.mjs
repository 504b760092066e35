import createClient from "openapi-fetch";

import { camelCased, zodPage } from "../orders-page.mjs";

// What a project would write with these two packages for one of the client's calls.
export const make = () => {
  const client = createClient({ baseUrl: "https://dpms.invalid" });
  return async (query) =>
    camelCased(zodPage.parse((await client.GET("/api/third-party/v2/orders/practice", { params: { query } })).data));
};
