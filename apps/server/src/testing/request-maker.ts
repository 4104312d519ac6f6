import type { Random } from "@waybill/core";

/** A schema of the API's document, as far as requests are made from it. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly propertyNames?: JsonSchema;
  readonly items?: JsonSchema;
  readonly minItems?: number;
}

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly operationId: string;
  readonly tag: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: JsonSchema;
  }[];
  readonly body: JsonSchema | null;
  readonly statuses: readonly number[];
}

/** What a request is made of; `path` may hold anything. */
export interface MadeRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
}

/** Texts that have broken programs before. */
const HOSTILE = [
  "",
  " ",
  "\0",
  "a\0b",
  "../../../etc/passwd",
  "..%2f..%2f",
  "' OR '1'='1' --",
  '"; DROP TABLE pipeline_runs; --',
  "%s%s%n",
  "${{ secrets.TOKEN }}",
  "$(reboot)",
  "--upload-pack=touch /tmp/x",
  "__proto__",
  "constructor",
  "toString",
  "\u202e\ufeff\ud800",
  "💥".repeat(50),
  "é",
  "\r\nset-cookie: a=b",
  "<script>alert(1)</script>",
  "x".repeat(5_000),
  "((((((((((a+)+)+)+)+)+)+)+)+)+)$",
  "(?:".repeat(300),
  "[",
  "9".repeat(400),
  "NaN",
  "Infinity",
  "-0",
  "1e999",
  "0x10",
  "null",
  "true",
  "[]",
  "{}",
  "2024-02-30T99:99:99Z",
  "9999-12-31T23:59:59+23:59",
  "0000-01-01T00:00:00Z",
];

const HOSTILE_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  -1e308,
  2 ** 31,
  2 ** 53 + 2,
  [],
  {},
  [[[[[[]]]]]],
  { __proto__: 1, constructor: 1 },
  Array.from({ length: 5_000 }, () => 0),
];

/** Of these, those that match are taken where a schema has a pattern. */
const WORDS = [
  "#1",
  "main",
  "v1.0",
  "shop",
  "refs/heads/main",
  "waybill.yaml",
  "MODE",
  "push",
  "10",
  "x",
  "a".repeat(40),
];

/** Makes requests of the operations of a document: valid by their schemas, or broken at one place. */
export class RequestMaker {
  readonly #random: Random;
  readonly #schemas: Readonly<Record<string, JsonSchema>>;
  /** Ids of things there are, by what names them: `project_id`, or the beginning of a path with an id in it. */
  readonly #ids: Readonly<Record<string, string>>;
  readonly #words: readonly string[];
  #isBare = false;

  constructor(
    random: Random,
    schemas: Readonly<Record<string, JsonSchema>>,
    ids: Readonly<Record<string, string>>,
    words: readonly string[],
  ) {
    this.#random = random;
    this.#schemas = schemas;
    this.#ids = ids;
    this.#words = [...WORDS, ...words];
  }

  /** @param how `bare`: with no more than it must have, about things that there are */
  make(operation: Operation, how: "bare" | "valid" | "broken"): MadeRequest {
    this.#isBare = how === "bare";
    const isBroken = how === "broken";
    const parts = operation.parameters;
    const target = isBroken ? this.#int(parts.length + (operation.body === null ? 0 : 3)) : -1;
    const headers: Record<string, string> = {};
    let path = operation.path;
    const query: string[] = [];
    for (const [index, { name, in: place, required = false, schema }] of parts.entries()) {
      const isTarget = index === target;
      const isOptional = place !== "path" && !isTarget && !required;
      if (isOptional && (this.#isBare || this.#random.next() < 0.5)) continue;
      const value = isTarget
        ? this.#pick(HOSTILE)
        : asText(this.value(schema, place === "path" ? operation.path : name));
      if (place === "path") path = path.replace(`{${name}}`, () => encode(value));
      else if (place === "query") query.push(`${name}=${encode(value)}`);
      else headers[name.toLowerCase()] = isTarget ? value.replaceAll(/[^\t\x20-\x7e]/g, "?") : crypto.randomUUID();
    }
    if (isBroken && this.#random.next() < 0.1)
      query.push(`${encode(this.#pick(HOSTILE))}=${encode(this.#pick(HOSTILE))}`);
    const body = operation.body === null ? null : this.#body(operation.body, target >= parts.length, headers);
    const address = query.length === 0 ? path : `${path}?${query.join("&")}`;
    return { method: operation.method, path: address, headers, body };
  }

  #body(schema: JsonSchema, isBroken: boolean, headers: Record<string, string>): string | Uint8Array {
    headers["content-type"] = "application/json";
    const value = this.value(schema);
    if (!isBroken) return JSON.stringify(value);
    const text = JSON.stringify(value);
    switch (this.#int(9)) {
      case 0:
        return text.slice(0, this.#int(text.length));
      case 1:
        return "[".repeat(100_000);
      case 2:
        return Uint8Array.from([0x7b, 0xff, 0xfe, 0x7d]);
      case 3:
        headers["content-type"] = this.#pick([
          "text/plain",
          "application/x-www-form-urlencoded",
          "a",
          "multipart/form-data",
        ]);
        return text;
      case 4:
        return JSON.stringify(this.#pick(HOSTILE_VALUES));
      default:
        return JSON.stringify(this.#broken(value));
    }
  }

  /** The value with one of its parts, however deep, replaced, taken out or added. */
  #broken(value: unknown): unknown {
    if (value === null || typeof value !== "object" || this.#random.next() < 0.1) return this.#hostile();
    const copy = structuredClone(value) as Record<string, unknown>;
    const names = Object.keys(copy);
    const name = names[this.#int(names.length)];
    const what = this.#random.next();
    if (name === undefined || what < 0.15) {
      Object.defineProperty(copy, this.#pick(HOSTILE), {
        value: this.#hostile(),
        enumerable: true,
        configurable: true,
      });
    } else if (what < 0.3) {
      delete copy[name];
    } else {
      copy[name] = this.#random.next() < 0.4 ? this.#broken(copy[name]) : this.#hostile();
    }
    return copy;
  }

  #hostile(): unknown {
    return this.#random.next() < 0.6 ? this.#pick(HOSTILE) : this.#pick(HOSTILE_VALUES);
  }

  /** Valid by the schema, as far as it is known here. */
  value(schema: JsonSchema, of = ""): unknown {
    if (schema.$ref !== undefined) return this.value(this.#schemas[schema.$ref.split("/").at(-1) ?? ""] ?? {}, of);
    if (schema.const !== undefined) return schema.const;
    if (schema.enum !== undefined) return this.#pick(schema.enum);
    const choices = schema.anyOf ?? schema.oneOf;
    if (choices !== undefined) return this.value(this.#pick(choices), of);
    const type = typeof schema.type === "string" ? schema.type : this.#pick(schema.type ?? ["string"]);
    switch (type) {
      case "object":
        return this.#object(schema);
      case "array": {
        const length = (schema.minItems ?? 0) + this.#int(3);
        return Array.from({ length }, () => this.value(schema.items ?? {}));
      }
      case "integer":
      case "number":
        return this.#number(schema);
      case "boolean":
        return this.#random.next() < 0.5;
      case "null":
        return null;
      default:
        return this.#text(schema, of);
    }
  }

  #object({ properties = {}, required = [], additionalProperties, propertyNames }: JsonSchema): unknown {
    const entries = Object.entries(properties)
      .filter(([name]) => required.includes(name) || (!this.#isBare && this.#random.next() < 0.6))
      .map(([name, schema]) => [name, this.value(schema, name)]);
    if (typeof additionalProperties === "object" && Object.keys(properties).length === 0) {
      for (let n = this.#int(3); n > 0; n -= 1) {
        entries.push([asText(this.value(propertyNames ?? { type: "string" })), this.value(additionalProperties)]);
      }
    }
    return Object.fromEntries(entries) as unknown;
  }

  #number({ minimum = -1_000, maximum = 1_000 }: JsonSchema): number {
    const edge = this.#random.next();
    if (edge < 0.2) return minimum;
    if (edge < 0.4) return maximum;
    return minimum + this.#int(Math.min(maximum - minimum, 1_000) + 1);
  }

  #text({ format, pattern, minLength = 0, maxLength = 100 }: JsonSchema, of: string): string {
    if (format === "uuid") {
      const known = Object.keys(this.#ids).find((name) => of.startsWith(name));
      if (!this.#isBare && this.#random.next() < 0.1) return crypto.randomUUID();
      return known !== undefined && (this.#isBare || this.#random.next() < 0.9)
        ? (this.#ids[known] ?? "")
        : this.#pick(Object.values(this.#ids));
    }
    if (of === "repository_url" || of === "repository") return this.#words.at(-1) ?? "";
    if (format === "date-time") return new Date(1.7e12 + this.#int(1e9) * 1_000).toISOString();
    const fits = this.#words.filter(
      (word) =>
        word.length >= minLength &&
        word.length <= maxLength &&
        (pattern === undefined || new RegExp(pattern, "u").test(word)),
    );
    return fits.length === 0 ? "a".repeat(Math.max(1, minLength)) : this.#pick(fits);
  }

  #pick<Value>(values: readonly Value[]): Value {
    return values[this.#int(values.length)] as Value;
  }

  #int(below: number): number {
    return Math.floor(this.#random.next() * below);
  }
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** `encodeURIComponent` refuses halves of characters, which a client may well send. */
function encode(text: string): string {
  return Array.from(Buffer.from(text), (byte) =>
    /[\w.~-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, "0")}`,
  ).join("");
}
