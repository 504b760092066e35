// Reads the command line.
import { parseArgs } from "node:util";

export const HELP = `Serves a made-up dental practice over the iTero DPMS API.

Usage: itero-dpms-sandbox [options]

  --port <number>             port to listen on, 0 for a free one   (4010)
  --host <address>            address or name to listen on          (127.0.0.1)
  --seed <number>             which practice is made up             (1)
  --token <string>            access token to accept                (sandbox-access-token)
  --generation-ms <number>    how long a new 3D archive takes       (1500)
  --callback-url <url>        where changes of orders are POSTed    (nowhere)
  --no-patient-updates        the integration may not manage patients
  --verbose                   print method, path, status and time of each response
  --help                      this text

Who may do what (each may be given several times):

  --allow-host <name>         another name by which clients reach this server; localhost,
                              IP addresses and --host are accepted anyway
  --no-cors                   pages of other origins may not call the API, as with iTero's
  --allow-origin <origin>     pages of this origin may call /sandbox/... too, * for every page
  --allow-callbacks <origin>  callbacks may be sent there; --callback-url and this machine
                              (localhost, 127.0.0.1, [::1]) are accepted anyway

Examples:

  Try it by hand, and see what is answered:
    itero-dpms-sandbox --verbose

  For tests, on a free port and without waiting for 3D archives:
    itero-dpms-sandbox --port 0 --generation-ms 0

  With callbacks to your own program:
    itero-dpms-sandbox --callback-url http://localhost:3000/callback

  In a container that others reach as http://sandbox:4010:
    itero-dpms-sandbox --host 0.0.0.0 --allow-host sandbox

  For a page that plays the scanner itself:
    itero-dpms-sandbox --allow-origin http://localhost:5173
`;

/** Reads the flags; throws an error with a message for the user. */
export function readFlags() {
  /** @param {string} value */
  const text = (value) => ({ type: /** @type {const} */ ("string"), default: value });
  const flag = { type: /** @type {const} */ ("boolean"), default: false };
  /** @type {{ type: "string", multiple: true, default: string[] }} */
  const list = { type: "string", multiple: true, default: [] };
  const { values } = parseArgs({
    options: {
      port: text("4010"),
      host: text("127.0.0.1"),
      seed: text("1"),
      token: text("sandbox-access-token"),
      "generation-ms": text("1500"),
      "callback-url": { type: "string" },
      "no-patient-updates": flag,
      "no-cors": flag,
      "allow-host": list,
      "allow-origin": list,
      "allow-callbacks": list,
      verbose: flag,
      help: flag,
    },
  });
  /** @param {"port" | "seed" | "generation-ms"} name */
  const number = (name, most = Number.MAX_SAFE_INTEGER) => {
    const value = Number(values[name]);
    if (!/^\d+$/.test(values[name]) || value > most) {
      throw new TypeError(`--${name} must be a whole number from 0 to ${most}`);
    }
    return value;
  };
  const callbackUrl = values["callback-url"] ?? null;
  const callbackOrigins = values["allow-callbacks"].map((value) => originOf("--allow-callbacks", value));
  if (callbackUrl !== null && URL.canParse(callbackUrl)) callbackOrigins.push(new URL(callbackUrl).origin);
  return {
    help: values.help,
    verbose: values.verbose,
    host: values.host,
    port: number("port", 65535),
    // In the spelling that the origins have.
    callbackUrl: callbackUrl !== null && URL.canParse(callbackUrl) ? new URL(callbackUrl).href : callbackUrl,
    access: {
      hosts: [values.host, ...values["allow-host"].map(hostName)],
      cors: !values["no-cors"],
      origins: values["allow-origin"].map((value) => (value === "*" ? value : originOf("--allow-origin", value))),
    },
    sandbox: {
      seed: number("seed"),
      accessToken: values.token,
      generationMs: number("generation-ms"),
      patientUpdates: !values["no-patient-updates"],
      callbackOrigins,
    },
  };
}

/** @param {string} flag @param {string} value */
function originOf(flag, value) {
  const url = URL.canParse(value) ? new URL(value) : null;
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
  if (!isOrigin) throw new TypeError(`${flag} must be an origin such as http://localhost:5173`);
  return url.origin;
}

/** @param {string} value */
function hostName(value) {
  if (!/^[\w.-]+$/.test(value)) throw new TypeError("--allow-host must be a host name without scheme and port");
  return value;
}
