import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseInstant } from "../src/instant.ts";

const upTo = (most: number, width = 2) =>
  fc.nat(most).map(number => `${number}`.padStart(width, "0"));

describe("A moment written as text", () => {
  test.each(["1970-13-01", "1970-00-10", "1970-02-30", "2023-02-29", "0000-00-00"])(
    "is none on a day that does not exist: %s",
    date => {
      expect(parseInstant(`${date}T00:00:00Z`)).toBeUndefined();
    },
  );

  test("is what the platform takes it for, where the day exists", () => {
    const dates = fc.date({
      min: new Date("0000-01-01T00:00:00Z"),
      max: new Date("9999-12-31T23:59:59Z"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(dates, date => {
        expect(parseInstant(date.toISOString())).toBe(date.getTime());
      }),
    );
  });

  test("never throws, whatever its numbers are", () => {
    const parts = fc.tuple(upTo(9999, 4), upTo(99), upTo(99), upTo(99), upTo(99), upTo(99));
    fc.assert(
      fc.property(parts, ([year, month, day, hour, minute, second]) => {
        const instant = parseInstant(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);

        expect(["number", "undefined"]).toContain(typeof instant);
      }),
    );
  });
});
