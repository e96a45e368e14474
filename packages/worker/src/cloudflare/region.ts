/** Which hub an isolate asks: the one of its region, named as Durable Objects' hints are. */

/** Where a request came in, as far as the platform says so. */
export interface Place {
  readonly continent?: string;
  readonly longitude?: string;
}

export function regionOf({ continent, longitude }: Place = {}): string {
  const east = Number(longitude ?? 0);
  switch (continent) {
    case "SA":
      return "sam";
    case "EU":
      return east < 15 ? "weur" : "eeur";
    case "AF":
      return "afr";
    case "AS":
      return east < 60 ? "me" : "apac";
    case "OC":
      return "oc";
    default:
      return east < -100 ? "wnam" : "enam";
  }
}
