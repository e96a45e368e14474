/** Datafiles in a Durable Object's storage, in parts: a value there holds 2 MB at most. */
import type { Envelope } from "../replica.ts";
import type { DurableStorage } from "./platform.ts";

/** Characters, each of which takes three bytes at most. */
const PART = 512 * 1024;
/** A put takes 128 entries, the head among them. */
const MOST_PARTS = 127;

/** Return the datafile kept of *environment*, if there is one that can be read. */
export async function load(
  storage: DurableStorage,
  environment: string,
): Promise<Envelope | undefined> {
  const count = (await storage.get<number>(headOf(environment))) ?? 0;
  if (count === 0) return undefined;
  const keys = Array.from({ length: count }, (_, part) => partOf(environment, part));
  const parts = await storage.get<string>(keys);
  try {
    return JSON.parse(keys.map(key => parts.get(key) ?? "").join(""));
  } catch {
    return undefined;
  }
}

/** Keep *envelope*, wholly or not at all; one that is too large is not kept. */
export async function save(storage: DurableStorage, envelope: Envelope): Promise<void> {
  const { environment } = envelope.datafile;
  const text = JSON.stringify(envelope);
  const count = Math.ceil(text.length / PART);
  if (count > MOST_PARTS) return;
  const entries: Record<string, unknown> = { [headOf(environment)]: count };
  for (let part = 0; part < count; part++) {
    entries[partOf(environment, part)] = text.slice(part * PART, (part + 1) * PART);
  }
  await storage.put(entries);
}

function headOf(environment: string): string {
  return `datafile:${environment}`;
}

function partOf(environment: string, part: number): string {
  return `datafile:${environment}:${part}`;
}
