import * as itero from "itero-dpms/inline";
import { openScan } from "./open-scan.js";
import { readMesh } from "itero-dpms/scan";
import { reportInPage } from "./scan-page-job.mjs";

void reportInPage(itero, { openScan, readMesh }, true);
