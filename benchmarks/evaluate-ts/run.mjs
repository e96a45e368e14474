/**
 * Evaluates the same flags with Pennon and its peers, and prints medians and ratios.
 *
 * Rounds are interleaved, so that a noisy moment meets every engine. Answers are checked first.
 */
import { CASES, MANY, USER } from "./cases.mjs";
import { growthbook } from "./engines/growthbook.mjs";
import { launchdarkly } from "./engines/launchdarkly.mjs";
import { pennon } from "./engines/pennon.mjs";
import { unleash } from "./engines/unleash.mjs";

const WARM_UP = 5;
const ROUNDS = 31;
const MILLISECONDS_A_ROUND = 8;

const engines = [await pennon(), await launchdarkly(), await growthbook(), await unleash()];
for (const engine of engines) await check(engine);

const rows = [];
for (const { name } of CASES) rows.push(await measure(name, engine => engine.evaluate(name, USER)));
rows.push(await measure(`${MANY} flags`, engine => engine.all(USER)));
print(rows);
const empty = await measure("empty", engine => engine.evaluate(), [{ evaluate: () => true }]);
console.log(`an empty call in the same loop takes ${empty.medians[0].toFixed(0)} ns`);
for (const engine of engines) await engine.close();
process.exit(0);

/** Throws unless *engine* answers as every engine must. */
async function check({ name, evaluate, all }) {
  for (const { name: flag, expect } of CASES) {
    const value = await evaluate(flag, USER);
    if (expect !== undefined && value !== expect) throw new Error(`${name}: ${flag} is ${value}`);
  }
  let on = 0;
  for (let i = 0; i < 2000; i++) on += (await evaluate("split", { ...USER, key: `u${i}` })) ? 1 : 0;
  if (on < 900 || on > 1100) throw new Error(`${name}: ${on} of 2000 in one half`);
  const values = await all(USER);
  if (values.length !== MANY || !values.every(value => value === true)) {
    throw new Error(`${name}: not all of the ${MANY} flags are on`);
  }
}

/**
 * Return the median nanoseconds of one call of *call*, by engine.
 *
 * A round makes as many calls as an engine's best round says: a round that other programs held up
 * would leave the next one with a call or two, in memory that has gone cold.
 */
async function measure(name, call, among = engines) {
  const measured = among.map(engine => ({ engine, best: Number.POSITIVE_INFINITY, samples: [] }));
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    for (const one of measured) {
      const count = Math.max(1, Math.round((MILLISECONDS_A_ROUND * 1e6) / one.best));
      const nanoseconds = (await time(one.engine, call, count)) / count;
      one.best = Math.min(one.best, nanoseconds);
      if (round >= 0) one.samples.push(nanoseconds);
    }
  }
  return { name, medians: measured.map(({ samples }) => median(samples)) };
}

/** A call that returns a promise is awaited, the others are not: that is each engine's own price. */
async function time(engine, call, count) {
  const begin = process.hrtime.bigint();
  for (let i = 0; i < count; i++) {
    const answer = call(engine);
    if (answer instanceof Promise) await answer;
  }
  return Number(process.hrtime.bigint() - begin);
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function print(rows) {
  const [ours, ...peers] = engines.map(({ name }) => name);
  console.log(
    ["case".padEnd(12), `${ours} ns`, ...peers.map(name => `${name} ns (ratio)`)].join("  "),
  );
  for (const { name, medians } of rows) {
    const [first, ...others] = medians;
    const cells = others.map(one => `${one.toFixed(0)} (${(one / first).toFixed(1)}x)`);
    console.log([name.padEnd(12), first.toFixed(0), ...cells].join("  "));
  }
}
