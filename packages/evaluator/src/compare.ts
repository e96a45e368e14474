/** The order of two numbers, or of two texts by their UTF-16 units. */
export function compare<T extends number | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
