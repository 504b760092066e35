import * as itero from "itero-dpms";
import { reportInPage } from "./page-job.mjs";

void reportInPage(itero);
