import * as itero from "itero-dpms/inline";
import { reportInPage } from "./page-job.mjs";

void reportInPage(itero);
