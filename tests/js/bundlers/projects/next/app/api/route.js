import * as client from "itero-dpms";
import * as inlineClient from "itero-dpms/inline";
import * as sandbox from "itero-dpms/sandbox";
import * as inlineSandbox from "itero-dpms/sandbox/inline";
import * as webhook from "itero-dpms/webhook";
import * as inlineWebhook from "itero-dpms/webhook/inline";
import { outcomes } from "../outcomes.js";

export const GET = async () =>
  Response.json({
    inRoute: await outcomes(client, sandbox, webhook),
    inline: await outcomes(inlineClient, inlineSandbox, inlineWebhook),
  });
