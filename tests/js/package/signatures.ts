// The exact parameters and result of every call. A parameter that is added, becomes optional or changes its type is an error here
// that names the call, and so is a missing or a new call.
import * as client from "itero-dpms";
import type * as t from "itero-dpms";
import type {
  AddedScreenCapture,
  CompletedScan,
  Sandbox,
  SandboxExportSettings,
  SandboxFault,
} from "itero-dpms/sandbox";
import type * as scans from "itero-dpms/scan";

/** Whether A and B are the same type. `any` is the same only as `any`. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** The members that differ. */
type Differing<A, B> = {
  [K in keyof A | keyof B]: K extends keyof A & keyof B ? (Same<A[K], B[K]> extends true ? never : K) : K;
}[keyof A | keyof B];

/** Fails to compile, naming them, unless there are none. */
declare function none<T extends never>(): T;

type Options = t.CallOptions | null;
type Download = t.DownloadOptions | null;

none<
  Differing<
    t.DpmsClient,
    {
      practiceConfiguration(options?: Options): Promise<t.PracticeConfiguration>;
      createScanRequest(request: t.ScanRequest, options?: Options): Promise<string>;
      deleteScanRequest(rxId: string, options?: Options): Promise<string>;
      listOrders(query?: t.OrdersQuery | null, options?: Options): Promise<t.OrdersPage>;
      orders(filter?: t.OrdersFilter | null, options?: t.WalkOptions | null): AsyncIterableIterator<t.Order>;
      getOrder(rxId: string, options?: Options): Promise<t.Order>;
      pollOrders(cursor?: t.OrdersCursor | null, options?: t.PollOptions | null): Promise<t.OrdersPoll>;
      downloadScan(orderId: number | string, asset: t.AssetType, options?: Download): Promise<Response | null>;
      downloadLink(url: string, options?: Download): Promise<Response | null>;
      listScreenCaptures(query?: t.ScreenCapturesQuery | null, options?: Options): Promise<t.ScreenCaptures>;
      downloadScreenCapture(orderId: number | string, captureId: string, options?: Download): Promise<Response>;
      searchPatients(criteria: t.PatientCriteria, options?: Options): Promise<t.PatientMatch[]>;
      listPatients(query?: t.PatientsQuery | null, options?: Options): Promise<t.PatientsPage>;
      patients(filter?: t.PatientsFilter | null, options?: t.WalkOptions | null): AsyncIterableIterator<t.Patient>;
      updatePatient(update: t.PatientUpdate, options?: Options): Promise<t.PatientRecord>;
      updatePatientByChartNumber(update: t.PatientByChartUpdate, options?: Options): Promise<void>;
      request(
        method: "GET" | "POST" | "PATCH" | "DELETE",
        path: string,
        input?: t.RequestInput | null,
        options?: Options,
      ): Promise<unknown>;
    }
  >
>();

none<
  Differing<
    Omit<typeof client, "DpmsClient" | "DpmsError">,
    {
      createClient(options: t.ClientOptions): Promise<t.DpmsClient>;
      procedures(): Promise<t.Procedure[]>;
      findProcedure(query: t.ProcedureQuery): Promise<t.Procedure | null>;
      unitTypes(): Promise<t.UnitType[]>;
      orderStatuses(): Promise<t.OrderStatusInfo[]>;
      parsePairingResponse(response: string | object): Promise<t.Pairing>;
      isDpmsError(value: unknown): value is t.DpmsError;
    }
  >
>();

none<
  Differing<
    Sandbox["control"],
    {
      completeScan(rxId: string): Promise<CompletedScan>;
      setOrderStatus(rxId: string, status: string): Promise<void>;
      addScreenCapture(orderId: number): Promise<AddedScreenCapture>;
      setExportSettings(settings: SandboxExportSettings): Promise<void>;
      expireToken(): Promise<string>;
      setCallbackUrl(url: string | null): Promise<void>;
      callbacksSettled(): Promise<void>;
      addFault(fault: SandboxFault): Promise<void>;
      clearFaults(): Promise<void>;
      advanceClock(ms: number): Promise<void>;
      snapshot(): string;
    }
  >
>();

// The client accepts the sandbox's fetch and the global one.
none<
  Differing<{ fetch: Sandbox["fetch"] extends NonNullable<t.ClientOptions["fetch"]> ? true : false }, { fetch: true }>
>();
none<
  Differing<{ fetch: typeof fetch extends NonNullable<t.ClientOptions["fetch"]> ? true : false }, { fetch: true }>
>();

none<
  Differing<
    typeof scans,
    {
      openScan(source: scans.ScanSource, options?: scans.OpenScanOptions | null): scans.Scan;
      readMesh(source: scans.ScanSource, options?: scans.ReadMeshOptions | null): Promise<scans.ScanMesh>;
      isScanError(error: unknown): error is scans.ScanError;
      load(module?: scans.CompiledModule | (() => scans.CompiledModule | Promise<scans.CompiledModule>)): Promise<void>;
    }
  >
>();

none<
  Differing<
    Pick<scans.Scan, "files" | "manifest" | "read" | "zip" | "close">,
    {
      files(): Promise<readonly scans.ScanFile[]>;
      manifest(): Promise<scans.ScanManifest | null>;
      read(file: scans.ScanFile | string, options?: { signal?: AbortSignal | null | undefined } | null): Promise<Blob>;
      zip(): Promise<Blob>;
      close(): void;
    }
  >
>();
