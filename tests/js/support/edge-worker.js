// A user's own Worker around the package's. It adds routes and a class whose clock can be advanced and whose storage can be
// made to fail.
import webhook, { createReceiver, PracticeInbox as Inbox } from "./lib/webhook/workerd.js";

// Shortens the timeout of calls without a response.
const later = globalThis.setTimeout.bind(globalThis);
/** How many timers may still be set. */
let timers = Infinity;
globalThis.setTimeout = (run, ms, ...rest) => {
  if (timers-- <= 0) throw new Error("too many timers");
  return later(run, ms / 20, ...rest);
};

export default {
  async fetch(request, env, context) {
    const { pathname, search } = new URL(request.url);
    const [, area, companyId, what] = pathname.split("/");
    if (area === "hello") return new Response("a route of the user's own");
    if (area === "receiver") return receive(request, env);
    if (area !== "test") return webhook.fetch(request, env, context);
    if (what === "constructed") return Response.json(constructed.get(companyId) ?? 0); // without waking it
    return env.PRACTICES.get(env.PRACTICES.idFromName(companyId)).fetch(`https://inbox.invalid/test/${what}${search}`);
  },
};

/** Stores nothing, but returns what it would store. */
async function receive(request, env) {
  let stored;
  const receiver = createReceiver({
    callbackSecrets: env.CALLBACK_SECRETS,
    store: (callback) => void (stored = callback),
  });
  const response = await receiver(request);
  return new Response(response.body, { status: response.status, headers: { stored: JSON.stringify(stored) } });
}

/** How often the object of each practice was constructed. */
const constructed = new Map();

export class PracticeInbox extends Inbox {
  #storage;
  #faults;
  #ahead = 0;
  #waiting = [];

  constructor(state, env) {
    const faults = { sql: false, isAwaited: () => false };
    const { storage } = state;
    // The platform's class only takes a state of the platform's.
    super(Object.defineProperty(state, "storage", { value: disturbedStorage(storage, faults) }), env);
    constructed.set(state.id.name, (constructed.get(state.id.name) ?? 0) + 1);
    this.#storage = storage;
    this.#faults = faults;
    faults.isAwaited = () => this.#waiting.length > 0;
    if (env.START_AT) this.#ahead = Number(env.START_AT) - Date.now();
  }

  now() {
    return Date.now() + this.#ahead;
  }

  async fetch(request) {
    const url = new URL(request.url);
    switch (url.pathname) {
      case "/test/advance": {
        this.#ahead += Number(url.searchParams.get("ms"));
        const done = new Promise((resolve) => this.#waiting.push(resolve));
        await this.#storage.setAlarm(Date.now());
        await done;
        return Response.json({});
      }
      case "/test/fail":
        this.#faults.sql = true;
        return Response.json({});
      case "/test/heal":
        this.#faults.sql = false;
        return Response.json({});
      case "/test/timers":
        timers = Number(url.searchParams.get("left"));
        return Response.json({});
      case "/test/admit":
        // As if so many practices had been admitted: each by a notification would take long.
        for (let n = 1; n <= Number(url.searchParams.get("practices")); n++) {
          this.#storage.sql.exec("INSERT INTO rows VALUES (?, ?)", `admitted/${n}`, String(this.now()));
        }
        return Response.json({});
      case "/test/rows":
        return Response.json(this.#storage.sql.exec("SELECT key, value FROM rows ORDER BY key").toArray());
      default:
        return super.fetch(request);
    }
  }

  async alarm() {
    const waiting = this.#waiting.splice(0);
    await super.alarm();
    // As on the platform, calls that hang do not keep the next alarm from coming.
    void super.settled().then(() => waiting.forEach((resolve) => resolve()));
    // Who asked meanwhile wants an alarm after that; this one may have set its own since.
    if (this.#waiting.length > 0) await this.#storage.setAlarm(Date.now());
  }
}

/**
 * Wraps a storage so that its statements throw while `faults.sql` is set, and that an alarm which is awaited is not put off:
 * there is only one, which a call that ends meanwhile may set too.
 */
function disturbedStorage(storage, faults) {
  const sql = {
    exec(...statement) {
      if (faults.sql) throw new Error("disk I/O error: SQLITE_IOERR");
      return storage.sql.exec(...statement);
    },
  };
  const setAlarm = (time) => storage.setAlarm(faults.isAwaited() ? Date.now() : time);
  const deleteAlarm = async () => void (faults.isAwaited() || (await storage.deleteAlarm()));
  const own = { sql, setAlarm, deleteAlarm };
  return new Proxy(storage, {
    get(storage, name) {
      const value = own[name] ?? storage[name];
      return typeof value === "function" && !(name in own) ? value.bind(storage) : value;
    },
  });
}
