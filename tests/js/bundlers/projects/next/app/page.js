import * as client from "itero-dpms";
import * as sandbox from "itero-dpms/sandbox";
import * as webhook from "itero-dpms/webhook";
import { createElement } from "react";
import { InPage } from "./in-page.js";
import { outcomes } from "./outcomes.js";

export const dynamic = "force-dynamic";

export default async function Page() {
  return createElement(InPage, { inServerComponent: await outcomes(client, sandbox, webhook) });
}
