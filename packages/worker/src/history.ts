/** The last changes of an environment, as frames: what a follower that was away lacks. */
import { compare, type Position } from "./position.ts";

const MOST_FRAMES = 500;

export class History {
  readonly #frames: { readonly position: Position; readonly frame: string }[] = [];
  #from: Position | undefined;

  /** Forget everything: the environment was replaced, and stands at *position*. */
  restart(position: Position): void {
    this.#frames.length = 0;
    this.#from = position;
  }

  add(position: Position, frame: string): void {
    this.#frames.push({ position, frame });
    if (this.#frames.length > MOST_FRAMES) this.#from = this.#frames.shift()?.position;
  }

  /** Return the frames after *position*, or undefined where some are gone. */
  after(position: Position): string | undefined {
    const isKept = this.#from?.epoch === position.epoch && compare(position, this.#from) >= 0;
    if (!isKept) return undefined;
    const later = this.#frames.filter(one => compare(one.position, position) > 0);
    return later.map(({ frame }) => frame).join("");
  }
}
