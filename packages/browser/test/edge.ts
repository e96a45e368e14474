/** An edge that a test speaks for, in place of `fetch`. */
import type { Payload } from "@pennon/browser";

export const EPOCH = "1763812800000-9f3a01c2";
export const ADA = { targetingKey: "ada", plan: "pro" };

/** Return a payload of version *version* where each flag serves the value given. */
export function aPayload(version: number, values: Record<string, unknown>): Payload {
  const flags = Object.entries(values).map(([key, value]) => [key, { value, variation: 0 }]);
  return { version: `v${version}`, epoch: EPOCH, flags: Object.fromEntries(flags) };
}

/** Return an event of a stream as it is written. */
export function anEvent(event: string, data: unknown, id?: string): string {
  const text = typeof data === "string" ? data : JSON.stringify(data);
  return `event: ${event}\n${id === undefined ? "" : `id: ${id}\n`}data: ${text}\n\n`;
}

export interface Asked {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: Record<string, unknown>;
  readonly signal: AbortSignal | null | undefined;
}

/** Answers with `answers` in turn, and again with the last; an error is a network that fails. */
export class Edge {
  readonly asked: Asked[] = [];
  private readonly answers: (Response | Error)[];

  constructor(...answers: (Response | Error)[]) {
    this.answers = answers;
  }

  readonly fetch = async (url: string, { headers, body, signal }: RequestInit) => {
    this.asked.push({
      url,
      headers: headers as Record<string, string>,
      body: JSON.parse(body as string),
      signal,
    });
    const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
    if (answer instanceof Response) return this.answers.length > 1 ? answer : answer.clone();
    throw answer ?? new TypeError("no network");
  };
}

/** A stream that a test writes to. */
export class Stream {
  readonly answer: Response;
  private writer!: ReadableStreamDefaultController<Uint8Array>;

  constructor() {
    const body = new ReadableStream<Uint8Array>({
      start: writer => {
        this.writer = writer;
      },
    });
    this.answer = new Response(body);
  }

  /** Write *text*, and return once a reader had time to take it. */
  async say(text: string): Promise<void> {
    this.writer.enqueue(new TextEncoder().encode(text));
    await settled();
  }

  async end(): Promise<void> {
    this.writer.close();
    await settled();
  }
}

/** Return once what is under way without waiting is done. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
}
