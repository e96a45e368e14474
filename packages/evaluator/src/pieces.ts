/** What a parsed pattern is made of: pieces, which are linked to the places of an automaton. */

/** Whether an anchor holds between two characters; undefined is an end of the subject. */
export type Holds = (before: string | undefined, after: string | undefined) => boolean;

/** A place takes a character (`test`), holds on a condition (`holds`), or only leads on. */
export interface Place {
  readonly test?: RegExp;
  readonly holds?: Holds;
  readonly next: Place[];
}

/** `size` is the length written out; `link` makes the places and returns the first of them. */
export interface Piece {
  readonly size: number;
  readonly link: (next: Place) => Place;
}

export function one(test: RegExp): Piece {
  return { size: 1, link: next => ({ test, next: [next] }) };
}

export function anchor(holds: Holds): Piece {
  return { size: 1, link: next => ({ holds, next: [next] }) };
}

export function sequence(pieces: readonly Piece[]): Piece {
  return {
    size: sizeOf(pieces),
    link: next => pieces.reduceRight((after, piece) => piece.link(after), next),
  };
}

export function choice(pieces: readonly Piece[]): Piece {
  return {
    size: sizeOf(pieces),
    // A Set, since every empty branch begins where the choice ends.
    link: next => ({ next: [...new Set(pieces.map(piece => piece.link(next)))] }),
  };
}

export function repeat(piece: Piece, least: number, most: number): Piece {
  return {
    size: piece.size * Math.max(1, most < Infinity ? most : least),
    link: next => {
      let begin = next;
      if (most === Infinity) {
        begin = { next: [next] };
        begin.next.push(piece.link(begin));
      } else {
        for (let i = least; i < most; i++) begin = { next: [next, piece.link(begin)] };
      }
      for (let i = 0; i < least; i++) begin = piece.link(begin);
      return begin;
    },
  };
}

function sizeOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { size }) => sum + size, 0);
}
