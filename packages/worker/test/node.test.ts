import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { listener } from "@pennon/worker/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { aDatafile, aFlag, anAccess, holding, SERVER } from "./builders.ts";

let server: Server;
let url = "";

beforeAll(async () => {
  server = createServer(listener(holding(anAccess(), aDatafile({ f: aFlag() }))));
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
});

test("Node's server answers as the handler does.", async () => {
  const answer = await fetch(`${url}/ofrep/v1/evaluate/flags/f`, {
    method: "POST",
    headers: { authorization: `Bearer ${SERVER}` },
    body: JSON.stringify({ context: { targetingKey: "ada" } }),
  });

  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ key: "f", value: true });
});
