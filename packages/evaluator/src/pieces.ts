/** What a parsed pattern is made of: pieces, which are linked to the places of an automaton. */

export type Takes = (character: string) => boolean;

/** Whether an anchor holds between two characters; undefined is an end of the subject. */
export type Holds = (before: string | undefined, after: string | undefined) => boolean;

/** A place takes a character, holds on a condition, or only leads on. */
export interface Place {
  /** The moment of a search that last came here. */
  entered: number;
  readonly takes?: Takes;
  readonly holds?: Holds;
  readonly next: Place[];
}

/** `size` is the length written out; `link` makes the places and returns the first of them. */
export interface Piece {
  readonly size: number;
  readonly link: (next: Place) => Place;
}

export function one(takes: Takes): Piece {
  return { size: 1, link: next => ({ entered: 0, takes, next: [next] }) };
}

export function anchor(holds: Holds): Piece {
  return { size: 1, link: next => ({ entered: 0, holds, next: [next] }) };
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
    link: next => fork(...new Set(pieces.map(piece => piece.link(next)))),
  };
}

export function repeat(piece: Piece, least: number, most: number): Piece {
  return {
    size: piece.size * Math.max(1, most < Infinity ? most : least),
    link: next => {
      let begin = next;
      if (most === Infinity) {
        begin = fork(next);
        begin.next.push(piece.link(begin));
      } else {
        for (let i = least; i < most; i++) begin = fork(next, piece.link(begin));
      }
      for (let i = 0; i < least; i++) begin = piece.link(begin);
      return begin;
    },
  };
}

function fork(...next: Place[]): Place {
  return { entered: 0, next };
}

function sizeOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { size }) => sum + size, 0);
}
