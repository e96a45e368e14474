import { GrowthBook } from "@growthbook/growthbook";
import { flags, read } from "./flags.mjs";

const features = Object.fromEntries(
  Object.entries(flags).map(([key, { value }]) => [key, { defaultValue: value }]),
);
const client = new GrowthBook({ attributes: { id: "ada" } }).initSync({ payload: { features } });
read(client.isOn("flag-7"));
