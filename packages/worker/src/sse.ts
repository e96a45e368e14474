/** Server-sent events: chunks of text in, events out. */

export interface SseEvent {
  readonly name: string;
  readonly id: string;
  readonly data: string;
}

/** Reads one stream; `feed` takes what has arrived and returns the events that it completes. */
export class SseParser {
  #rest = "";
  #name = "";
  #id = "";
  #data: string[] = [];

  feed(chunk: string): SseEvent[] {
    const events: SseEvent[] = [];
    const text = this.#rest + chunk;
    const line = /\r\n|\n|\r/g;
    let start = 0;
    for (let end = line.exec(text); end !== null; end = line.exec(text)) {
      // A carriage return at the end may be the first half of a line's end.
      if (end[0] === "\r" && line.lastIndex === text.length) break;
      this.#take(text.slice(start, end.index), events);
      start = line.lastIndex;
    }
    this.#rest = text.slice(start);
    return events;
  }

  #take(line: string, events: SseEvent[]): void {
    if (line === "") {
      const data = this.#data.join("\n");
      if (this.#data.length > 0) events.push({ name: this.#name || "message", id: this.#id, data });
      this.#name = "";
      this.#data = [];
      return;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.#name = value;
    else if (field === "data") this.#data.push(value);
    else if (field === "id" && !value.includes("\0")) this.#id = value;
  }
}

/** Return the events of a text that holds them whole. */
export function eventsOf(text: string): SseEvent[] {
  return new SseParser().feed(text);
}

/** Return *event* as it is sent; the data of Pennon's events is one line. */
export function frameOf({ name, id, data }: SseEvent): string {
  return `event: ${name}\n${id && `id: ${id}\n`}data: ${data}\n\n`;
}
