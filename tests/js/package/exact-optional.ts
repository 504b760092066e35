// A user's TypeScript with `exactOptionalPropertyTypes`: an optional property also accepts `undefined`.
import type * as client from "itero-dpms";
import type * as sandbox from "itero-dpms/sandbox";
import type * as webhook from "itero-dpms/webhook";

/** The optional properties of a type that do not accept an explicit `undefined`. */
type Refusing<T> = T extends unknown
  ? { [K in keyof T]-?: {} extends Pick<T, K> ? (Record<K, undefined> extends Pick<T, K> ? never : K) : never }[keyof T]
  : never;

/** Fails to compile, naming them, unless there are none. */
declare function none<T extends never>(): T;

none<Refusing<client.ClientOptions>>();
none<Refusing<client.ClientOptions["endpoints"]>>();
none<Refusing<client.RetryOptions>>();
none<Refusing<client.CallOptions>>();
none<Refusing<client.DownloadOptions>>();
none<Refusing<client.PollOptions>>();
none<Refusing<client.WalkOptions>>();
none<Refusing<client.ScanRequest>>();
none<Refusing<client.OrdersFilter>>();
none<Refusing<client.OrdersQuery>>();
none<Refusing<client.ScreenCapturesQuery>>();
none<Refusing<client.PatientsFilter>>();
none<Refusing<client.PatientsQuery>>();
none<Refusing<client.PatientUpdate>>();
none<Refusing<client.PatientByChartUpdate>>();
none<Refusing<client.ProcedureQuery>>();
none<Refusing<client.RequestInput>>();
none<Refusing<sandbox.SandboxOptions>>();
none<Refusing<sandbox.SandboxFault>>();
none<Refusing<sandbox.SandboxExportSettings>>();
none<Refusing<webhook.WebhookEnv>>();
none<Refusing<webhook.Registration>>();

// @ts-expect-error the check itself can fail
none<Refusing<{ given: string; refused?: string }>>();
