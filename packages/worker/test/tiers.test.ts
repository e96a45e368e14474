import { type Parent, Tiers } from "@pennon/worker";
import { describe, expect, test } from "vitest";
import type { Envelope } from "../src/replica.ts";
import { frameOf } from "../src/sse.ts";
import { aDatafile, aFlag, EPOCH, NOW, SHOP } from "./builders.ts";

/** A parent that holds what a test says, and counts what it is asked. */
class AParent implements Parent {
  readonly name = "parent";
  readonly patienceMs = 1_000;
  readonly asked: string[] = [];
  held: Envelope | undefined;
  frames: string | undefined = "";
  readonly ask = async (path: string): Promise<Response> => {
    this.asked.push(path.slice(0, path.indexOf("?")));
    if (!this.held) throw new Error("cut off");
    if (path.startsWith("/sync/v1/datafile")) return Response.json(this.held);
    return new Response(this.frames ?? null, { status: this.frames === undefined ? 410 : 200 });
  };
}

function aTier(
  parents: readonly Parent[],
  kept?: Envelope,
): { tiers: Tiers; pass(ms: number): void } {
  let now = NOW;
  const tiers = new Tiers({
    parents,
    store: async () => kept,
    now: () => now,
    maxAgeMs: 500,
    waitMs: 1_000,
    coldMs: 1_000,
  });
  return {
    tiers,
    pass: ms => {
      now += ms;
    },
  };
}

const AT = (version: number) => aDatafile({ f: aFlag({ version }) }, { version });
const change = frameOf({
  name: "flag_update",
  id: `${EPOCH}.2`,
  data: JSON.stringify({
    environment: SHOP,
    epoch: EPOCH,
    version: 2,
    key: "f",
    flag: aFlag({ enabled: false }),
  }),
});

async function versionOf(tiers: Tiers): Promise<number | undefined> {
  return (await tiers.current(SHOP, () => {}))?.replica.position?.version;
}

describe("Memory", () => {
  test("is filled by the parent, and asked alone while it is fresh", async () => {
    const parent = new AParent();
    parent.held = AT(1);
    const { tiers, pass } = aTier([parent]);
    await versionOf(tiers);
    pass(499);

    expect(await versionOf(tiers)).toBe(1);
    expect(parent.asked).toEqual(["/sync/v1/datafile"]);
  });

  test("is brought up to date by the changes alone once it is too old", async () => {
    const parent = new AParent();
    parent.held = AT(1);
    const { tiers, pass } = aTier([parent]);
    await versionOf(tiers);
    parent.frames = change;
    pass(500);

    expect(await versionOf(tiers)).toBe(2);
    expect(parent.asked).toEqual(["/sync/v1/datafile", "/sync/v1/changes"]);
  });

  test("is replaced where the changes are gone", async () => {
    const parent = new AParent();
    parent.held = AT(1);
    const { tiers, pass } = aTier([parent]);
    await versionOf(tiers);
    parent.held = AT(9);
    parent.frames = undefined;
    pass(500);

    expect(await versionOf(tiers)).toBe(9);
  });

  test("is served while nobody answers, and says so after 75 s", async () => {
    const parent = new AParent();
    parent.held = AT(1);
    const { tiers, pass } = aTier([parent]);
    await versionOf(tiers);
    parent.held = undefined;
    pass(75_000);
    const before = await tiers.current(SHOP, () => {});
    pass(1_000);
    const after = await tiers.current(SHOP, () => {});

    expect([before?.staleMs, after?.staleMs]).toEqual([undefined, 76_000]);
  });

  test("loses no more than half of its flags without leave", async () => {
    const parent = new AParent();
    parent.held = aDatafile({ a: aFlag(), b: aFlag(), c: aFlag() });
    const { tiers, pass } = aTier([parent]);
    await versionOf(tiers);
    parent.held = aDatafile({ a: aFlag() }, { version: 2 });
    parent.frames = undefined;
    pass(500);

    expect(await versionOf(tiers)).toBe(1);
  });
});

describe("Where there is nothing", () => {
  test("the next parent is asked", async () => {
    const [hub, origin] = [new AParent(), new AParent()];
    origin.held = AT(3);

    expect(await versionOf(aTier([hub, origin]).tiers)).toBe(3);
  });

  test("the store is served where no parent answers", async () => {
    expect(await versionOf(aTier([new AParent(), new AParent()], AT(2)).tiers)).toBe(2);
  });

  test("what the store has is brought up to date by the last parent", async () => {
    const [hub, origin] = [new AParent(), new AParent()];
    origin.held = AT(2);
    origin.frames = change;

    expect(await versionOf(aTier([hub, origin], AT(1)).tiers)).toBe(2);
    expect(origin.asked).toEqual(["/sync/v1/changes"]);
  });

  test("nothing is what is served", async () => {
    expect(await versionOf(aTier([new AParent()]).tiers)).toBeUndefined();
  });
});
