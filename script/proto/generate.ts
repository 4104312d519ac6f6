import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  CodeGeneratorRequestSchema,
  CodeGeneratorResponseSchema,
  FileDescriptorSetSchema,
  type FileDescriptorProto,
} from "@bufbuild/protobuf/wkt";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import protobuf from "protobufjs";
import descriptor from "protobufjs/ext/descriptor/index.js";

const ROOT = join(import.meta.dirname, "../..");
const PROTO = "api/v1/waybill.proto";
export const GENERATED = join(ROOT, "apps/server/src/rpc/generated/waybill.ts");

/**
 * What `protoc-gen-es` makes of the API's proto file. The compilers `buf` and `protoc` come as one program for each
 * platform, so the file is read by a parser in JavaScript; the plug-in is the usual one.
 */
export async function generateProto(): Promise<string> {
  const { root } = protobuf.parse(await readFile(join(ROOT, PROTO), "utf8"), { keepCase: true });
  root.resolveAll();
  const toDescriptor = Reflect.get(root, "toDescriptor") as (edition: string) => protobuf.Message;
  const { FileDescriptorSet } = descriptor as unknown as { readonly FileDescriptorSet: protobuf.Type };
  const bytes = FileDescriptorSet.encode(toDescriptor.call(root, "proto3")).finish();
  const set = fromBinary(FileDescriptorSetSchema, bytes);
  const [file] = set.file;
  if (set.file.length !== 1 || file === undefined) throw new Error(`${PROTO}: one package is expected`);
  complete(file);
  const request = create(CodeGeneratorRequestSchema, {
    fileToGenerate: [file.name],
    parameter: "target=ts,import_extension=ts",
    protoFile: [file],
  });
  const plugin = createRequire(import.meta.url).resolve("@bufbuild/protoc-gen-es/package.json");
  const output = execFileSync(process.execPath, [join(plugin, "../bin/protoc-gen-es")], {
    input: toBinary(CodeGeneratorRequestSchema, request),
  });
  const response = fromBinary(CodeGeneratorResponseSchema, output);
  const content = response.file[0]?.content;
  if (response.error !== "" || content === undefined) throw new Error(`protoc-gen-es: ${response.error}`);
  return content;
}

/** What compilers write down and the parser leaves to readers. Messages lie in the package, but for entries of maps. */
function complete(file: FileDescriptorProto): void {
  file.name = "waybill/v1/waybill.proto";
  file.syntax = "proto3";
  for (const message of file.messageType) {
    const entries = new Map(message.nestedType.map((entry) => [entry.name, `${entry.name}Entry`]));
    for (const entry of message.nestedType) entry.name = entries.get(entry.name) ?? "";
    for (const field of [...message.field, ...message.nestedType.flatMap((entry) => entry.field)]) {
      field.jsonName = field.name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
      if (field.typeName === "") continue;
      const entry = entries.get(field.typeName);
      field.typeName = `.${file.package}.${entry === undefined ? field.typeName : `${message.name}.${entry}`}`;
    }
  }
}
