# Serves the edge function on one machine, with its storage on local disk:
#
#   mkdir -m 700 -p storage
#   CALLBACK_SECRETS=... ADMIN_KEY=... npx workerd serve node_modules/itero-dpms/workerd.capnp --directory-path storage=$PWD/storage
#
# Listens on 127.0.0.1:8787; --socket-addr http=<address> changes that. Put a proxy with TLS before it.

using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "webhook", worker = .webhook),
    (name = "storage", disk = (path = "storage", writable = true)),
    # Only registrations decide where calls go. Consumers may well be in the private network, or on this machine.
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [(name = "http", address = "127.0.0.1:8787", http = (), service = "webhook")],
);

const webhook :Workerd.Worker = (
  # The first is the entry.
  modules = [
    (name = "lib/webhook/workerd.js", esModule = embed "lib/webhook/workerd.js"),
    (name = "lib/webhook/webhook.js", esModule = embed "lib/webhook/webhook.js"),
    (name = "lib/webhook/access.js", esModule = embed "lib/webhook/access.js"),
    (name = "lib/webhook/core.js", esModule = embed "lib/webhook/core.js"),
    (name = "lib/webhook/http.js", esModule = embed "lib/webhook/http.js"),
    (name = "lib/webhook/inbox.js", esModule = embed "lib/webhook/inbox.js"),
    (name = "lib/webhook/keys.js", esModule = embed "lib/webhook/keys.js"),
    (name = "lib/webhook/limits.js", esModule = embed "lib/webhook/limits.js"),
    (name = "lib/webhook/live.js", esModule = embed "lib/webhook/live.js"),
    (name = "lib/webhook/log.js", esModule = embed "lib/webhook/log.js"),
    (name = "lib/webhook/pass-on.js", esModule = embed "lib/webhook/pass-on.js"),
    (name = "lib/webhook/portal.js", esModule = embed "lib/webhook/portal.js"),
    (name = "lib/webhook/practice-tokens.js", esModule = embed "lib/webhook/practice-tokens.js"),
    (name = "lib/webhook/relay.js", esModule = embed "lib/webhook/relay.js"),
    (name = "lib/webhook/sessions.js", esModule = embed "lib/webhook/sessions.js"),
    (name = "lib/webhook/table.js", esModule = embed "lib/webhook/table.js"),
    (name = "lib/load.js", esModule = embed "lib/load.js"),
    (name = "wasm/webhook/itero_dpms.js", esModule = embed "wasm/webhook/itero_dpms.js"),
    (name = "wasm/webhook/itero_dpms_bg.wasm", wasm = embed "wasm/webhook/itero_dpms_bg.wasm"),
  ],
  compatibilityDate = "2026-04-01",
  bindings = [
    (name = "PRACTICES", durableObjectNamespace = "PracticeInbox"),
    # Taken from the environment. Without the first two nobody gets in, without the next two no page; the others have
    # defaults.
    (name = "CALLBACK_SECRETS", fromEnvironment = "CALLBACK_SECRETS"),
    (name = "ADMIN_KEY", fromEnvironment = "ADMIN_KEY"),
    (name = "SESSION_SECRETS", fromEnvironment = "SESSION_SECRETS"),
    (name = "ALLOWED_ORIGINS", fromEnvironment = "ALLOWED_ORIGINS"),
    (name = "RECONCILE_MINUTES", fromEnvironment = "RECONCILE_MINUTES"),
    (name = "RECONCILE_DAYS", fromEnvironment = "RECONCILE_DAYS"),
    (name = "RETENTION_DAYS", fromEnvironment = "RETENTION_DAYS"),
  ],
  # The key names the folder of the objects: changing it loses them.
  durableObjectNamespaces = [(className = "PracticeInbox", uniqueKey = "itero-dpms-practices", enableSql = true)],
  durableObjectStorage = (localDisk = "storage"),
);
