/** What is used of Cloudflare's runtime, and no more: its own types would be a dependency. */

export interface DurableStorage {
  get<T>(key: string): Promise<T | undefined>;
  get<T>(keys: readonly string[]): Promise<Map<string, T>>;
  put(entries: Readonly<Record<string, unknown>>): Promise<void>;
  setAlarm(time: number): Promise<void>;
}

export interface HubSocket {
  send(text: string): void;
  close(code?: number, reason?: string): void;
  serializeAttachment(value: unknown): void;
  deserializeAttachment(): unknown;
}

export interface DurableState {
  readonly storage: DurableStorage;
  blockConcurrencyWhile<T>(work: () => Promise<T>): Promise<T>;
  acceptWebSocket(socket: HubSocket): void;
  getWebSockets(): HubSocket[];
}

export interface DurableStub {
  fetch(address: string, init?: RequestInit): Promise<Response>;
}

export interface DurableNamespace {
  idFromName(name: string): unknown;
  get(id: unknown, options?: { locationHint?: string }): DurableStub;
}

export interface KvNamespace {
  get(key: string, options: { type: "json"; cacheTtl?: number }): Promise<unknown>;
}

export interface ExecutionContext {
  waitUntil(work: Promise<unknown>): void;
}

/** What a worker is configured with; see docs/worker.md. */
export interface Env {
  readonly PENNON_URL: string;
  readonly PENNON_RELAY_KEY: string;
  /** The environments that are followed, with commas between them. */
  readonly PENNON_ENVIRONMENTS: string;
  readonly PENNON_HUB?: DurableNamespace;
  readonly PENNON_KV?: KvNamespace;
  /** The origins of pages that may ask, with commas between them; every page where it is absent. */
  readonly PENNON_PAGES?: string;
}
