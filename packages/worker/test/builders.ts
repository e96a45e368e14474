/** Small environments, keys and requests for tests to vary. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Flag, Segment } from "@pennon/evaluator";
import { type Deps, type Flags, handle } from "@pennon/worker";
import { Environment } from "../src/environment.ts";
import { ACCESS } from "../src/position.ts";
import type { Envelope } from "../src/replica.ts";

export const SHOP = "shop/production";
export const EPOCH = "1763000000001-00000001";
export const NOW = 1_763_000_100_000;
export const SERVER = "a server's key";
export const CLIENT = "a page's key";
export const MOBILE = "an app's key";
export const RELAY = "a relay's key";
export const ALL = "a key that opens all";

/** Return an enabled boolean flag that serves `on`, its first variation, to everyone. */
export function aFlag(changes: Partial<Flag> = {}): Flag {
  return {
    key: "f",
    type: "boolean",
    version: 1,
    enabled: true,
    variations: [
      { name: "on", value: true },
      { name: "off", value: false },
    ],
    off: "off",
    default: { variation: "on" },
    salt: "salt",
    ...changes,
  };
}

export function aDatafile(
  flags: Readonly<Record<string, unknown>>,
  changes: { version?: number; segments?: Record<string, Segment>; shrinkAllowed?: boolean } = {},
): Envelope {
  const { version = 1, segments = {}, shrinkAllowed = false } = changes;
  const datafile = { environment: SHOP, epoch: EPOCH, version, digest: "", flags, segments };
  return { datafile, shrinkAllowed, committedAt: NOW };
}

/** Return `$access` with a key of each kind; *more* are keys by their secrets. */
export function anAccess(more: Readonly<Record<string, object>> = {}): Envelope {
  const keys: Record<string, object> = {
    [SERVER]: { kind: "server", environments: [SHOP] },
    [CLIENT]: { kind: "client", environments: [SHOP] },
    [MOBILE]: { kind: "mobile", environments: [SHOP] },
    [RELAY]: { kind: "relay", environments: "*" },
    [ALL]: { kind: "server", environments: "*" },
    ...more,
  };
  const items = Object.entries(keys).map(([secret, key]) => {
    const hash = createHash("sha256").update(secret).digest("hex");
    return [hash, { hash, ...key }];
  });
  return {
    datafile: {
      environment: ACCESS,
      epoch: EPOCH,
      version: 1,
      digest: "",
      keys: Object.fromEntries(items),
      environments: { [SHOP]: { key: SHOP } },
    },
  };
}

/** Return deps that hold *envelopes*, just heard of; nothing else is to be had. */
export function holding(...envelopes: readonly Envelope[]): Deps {
  const held = new Map(envelopes.map(envelope => [envelope.datafile.environment, envelope]));
  const flags: Flags = {
    async current(name) {
      const envelope = held.get(name);
      if (!envelope) return undefined;
      const environment = new Environment(name);
      environment.replica.replace(envelope);
      const { replica, ruleset } = environment;
      return { replica, ruleset, staleMs: undefined };
    },
  };
  return { flags, now: () => NOW, waitUntil: () => {} };
}

export interface Asked {
  readonly key?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
}

/** Post *body* to *path* and return the answer. */
export function post(
  deps: Deps,
  path: string,
  body: unknown,
  asked: Asked = {},
): Promise<Response> {
  const { method = "POST", headers = {} } = asked;
  const key = "key" in asked ? asked.key : SERVER;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const request = new Request(`http://flags.example${path}`, {
    method,
    headers: { ...(key !== undefined && { authorization: `Bearer ${key}` }), ...headers },
    ...(method === "POST" && { body: text }),
  });
  return handle(request, deps);
}

const CASES = new URL("../../../conformance/", import.meta.url);

/** Return the cases of a file of `conformance/`. */
export function casesOf<T>(name: string): readonly T[] {
  return JSON.parse(readFileSync(new URL(name, CASES), "utf8")).cases;
}
