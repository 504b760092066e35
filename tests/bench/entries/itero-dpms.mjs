import { createClient } from "itero-dpms";

export const make = () => createClient({ endpoints: { baseUrl: "https://dpms.invalid" }, accessToken: "token" });
