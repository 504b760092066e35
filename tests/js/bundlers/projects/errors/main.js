import { isDpmsError } from "itero-dpms";

globalThis.report = { isDpmsError: isDpmsError(new Error("another error")) };
