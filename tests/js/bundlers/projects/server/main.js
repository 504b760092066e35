import * as client from "itero-dpms";
import * as sandbox from "itero-dpms/sandbox";
import * as webhook from "itero-dpms/webhook";
import { printOutcomes } from "./outcomes.js";

void printOutcomes(client, sandbox, webhook);
