/**
 * Writes the types that are made from `api/v1/waybill.proto`. Run it after a change of that file:
 *
 *     node script/generate-proto.ts
 */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { GENERATED, generateProto } from "./proto/generate.ts";

await mkdir(dirname(GENERATED), { recursive: true });
await writeFile(GENERATED, await generateProto());
