import * as itero from "itero-dpms/slim";
import { connect } from "./connect.js";
import { reportInPage } from "./page-job.mjs";

void reportInPage({ ...itero, createClient: connect });
