import * as itero from "itero-dpms";
import * as scans from "itero-dpms/scan";
import { reportInPage } from "./scan-page-job.mjs";

void reportInPage(itero, scans);
