# The settings of wrangler.toml for workerd on this machine. workerd.mjs starts it.

using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    (name = "r2", worker = .r2),
    (name = "bucket", disk = (writable = true)),
    (name = "storage", disk = (writable = true)),
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [(name = "http", address = "127.0.0.1:8787", http = (), service = "worker")],
);

const worker :Workerd.Worker = (
  # workerd does not bundle: each module of the package is listed, by workerd.mjs.
  modules = import "/modules.capnp".modules,
  compatibilityDate = "2026-04-01",
  bindings = [
    (name = "PRACTICES", durableObjectNamespace = "PracticeInbox"),
    # The platform's own binding, with r2.js behind it instead of R2.
    (name = "SCANS", r2Bucket = "r2"),
    (name = "COMPANY_IDS", fromEnvironment = "COMPANY_IDS"),
    (name = "GIVE_UP_DAYS", fromEnvironment = "GIVE_UP_DAYS"),
    (name = "CALLBACK_SECRETS", fromEnvironment = "CALLBACK_SECRETS"),
    (name = "ADMIN_KEY", fromEnvironment = "ADMIN_KEY"),
    (name = "SESSION_SECRETS", fromEnvironment = "SESSION_SECRETS"),
    (name = "RECONCILE_DAYS", fromEnvironment = "RECONCILE_DAYS"),
  ],
  durableObjectNamespaces = [(className = "PracticeInbox", uniqueKey = "itero-dpms-practices", enableSql = true)],
  durableObjectStorage = (localDisk = "storage"),
);

const r2 :Workerd.Worker = (
  modules = [(name = "r2.js", esModule = embed "r2.js")],
  compatibilityDate = "2026-04-01",
  bindings = [(name = "DISK", service = "bucket")],
);
