/** Who may ask for what: the keys and environments that `$access` holds. */
import type { Replica } from "./replica.ts";

export interface AccessKey {
  readonly hash: string;
  readonly kind: "server" | "client" | "mobile" | "relay";
  readonly environments?: readonly string[] | "*";
  readonly expiresAt?: number | null;
  readonly revoked?: boolean;
}

const MOST_HASHES = 1_000;
const hashes = new Map<string, string>();

/** Return the hex SHA-256 of *secret*, by which `$access` knows it. */
export async function hashOf(secret: string): Promise<string> {
  const known = hashes.get(secret);
  if (known !== undefined) return known;
  const hash = await hexDigest("SHA-256", secret);
  if (hashes.size >= MOST_HASHES) hashes.clear();
  hashes.set(secret, hash);
  return hash;
}

/** Return a digest of the UTF-8 of *text*, in hexadecimal. */
export async function hexDigest(algorithm: "SHA-1" | "SHA-256", text: string): Promise<string> {
  const digest = await crypto.subtle.digest(algorithm, new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map(byte => byte.toString(16).padStart(2, "0")).join("");
}

/** Return the key with that hash, unless it is unknown, expired or revoked. */
export function keyOf(access: Replica, hash: string, now: number): AccessKey | undefined {
  const key = access.items.key.get(hash) as AccessKey | undefined;
  if (!key || key.revoked) return undefined;
  return key.expiresAt != null && key.expiresAt <= now ? undefined : key;
}

/** Return the key of `Authorization: Bearer …` or `X-API-Key: …`, if there is one. */
export function presentedKey(headers: Headers): string | undefined {
  const [, bearer] = /^bearer (.*)$/i.exec(headers.get("authorization") ?? "") ?? [];
  return (bearer?.trim() ?? headers.get("x-api-key")) || undefined;
}

export function opens(key: AccessKey, environment: string): boolean {
  const { environments = [] } = key;
  return environments === "*" || environments.includes(environment);
}
