import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createStorefront } from "./server.ts";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
const server = createStorefront(version);

server.listen(Number(process.env["PORT"] ?? 8080), "127.0.0.1", () => {
  console.log(`storefront ${version} listens on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

// Stop taking requests, finish the running ones, and end.
process.once("SIGTERM", () => {
  server.close();
  server.closeIdleConnections();
});
