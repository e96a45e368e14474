import { expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };

test("The evaluator depends on nothing.", () => {
  expect(manifest).not.toHaveProperty("dependencies");
});
