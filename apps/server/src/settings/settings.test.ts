import { describe, expect, test } from "vitest";
import { parseSettingsFile } from "./settings-file.ts";
import { readSettings, type SettingSources } from "./settings.ts";

function read(sources: Partial<SettingSources> = {}): ReturnType<typeof readSettings> {
  return readSettings({ flags: {}, environment: {}, file: null, cwd: "/srv", ...sources });
}

test("without any setting there is a default for each", () => {
  expect(read()).toMatchObject({
    data: "/srv/waybill-data",
    database: "/srv/waybill-data/waybill.db",
    artifacts: "/srv/waybill-data/artifacts",
    listen: { host: "127.0.0.1", port: 8080 },
    executor: "auto",
    maxRuns: 10,
  });
});

test("flags beat variables, those of Waybill beat the others, and all beat the file", () => {
  const file = { data: "file", listen: ":1" };
  const other = { SHIPINATOR_LISTEN_ADDR: ":2" };
  expect(read({ file }).data).toBe("/srv/file");
  expect(read({ file, environment: other }).listen.port).toBe(2);
  expect(read({ file, environment: { ...other, WAYBILL_LISTEN: ":3" } }).listen.port).toBe(3);
  expect(read({ file, environment: { WAYBILL_LISTEN: ":3" }, flags: { listen: ":4" } }).listen.port).toBe(4);
});

test("what no job may exceed is read with its units, and refused without", () => {
  const flags = { "max-memory": "2g", "max-cpus": "1.5", "max-pids": "300" };
  expect(read({ flags }).maxima).toEqual({ memory: 2 * 1024 ** 3, cpus: 1.5, pids: 300 });
  expect(read().maxima).toEqual({});
  for (const wrong of [{ "max-memory": "2 bytes" }, { "max-cpus": "0" }, { "max-cpus": "-1" }, { "max-pids": "0" }]) {
    expect(() => read({ flags: wrong })).toThrow(expect.objectContaining({ code: "SERVER_SETTING_INVALID" }));
  }
});

test("where browsers come by, and what is before the server, is checked", () => {
  expect(read()).toMatchObject({ publicUrl: null, trustedProxies: [], fileRepositories: [], oidc: null });
  expect(read({ flags: { "public-url": "https://waybill.example.com/" } }).publicUrl).toBe(
    "https://waybill.example.com",
  );
  expect(read({ flags: { "trusted-proxies": "10.0.0.0/8, ::1" } }).trustedProxies).toEqual(["10.0.0.0/8", "::1"]);
  expect(read({ flags: { "file-repositories": "/git:more" } }).fileRepositories).toEqual(["/git", "/srv/more"]);
  const wrong = [
    { "public-url": "waybill.example.com" },
    { "public-url": "https://example.com/waybill" },
    { "public-url": "https://user:word@example.com" },
    { "trusted-proxies": "10.0.0.0/33" },
    { "trusted-proxies": "everybody" },
    { "oidc-issuer": "https://id.example.com" },
  ];
  for (const flags of wrong) {
    expect(() => read({ flags })).toThrow(expect.objectContaining({ code: "SERVER_SETTING_INVALID" }));
  }
});

describe("a database", () => {
  const fields = {
    SHIPINATOR_DB_HOST: "db.internal",
    SHIPINATOR_DB_PORT: "6000",
    SHIPINATOR_DB_USER: "way bill",
    SHIPINATOR_DB_PASSWORD: "p@ss/w#rd",
    SHIPINATOR_DB_NAME: "ci",
    SHIPINATOR_DB_SSL_MODE: "require",
  };
  const address = "postgres://way%20bill:p%40ss%2Fw%23rd@db.internal:6000/ci?sslmode=require";

  test("may be given in parts, which beat the file and not an address in one piece", () => {
    expect(read({ environment: fields }).database).toBe(address);
    expect(read({ environment: fields, file: { database: "x.db" } }).database).toBe(address);
    expect(read({ environment: { ...fields, WAYBILL_DATABASE: "one.db" } }).database).toBe("/srv/one.db");
    expect(read({ environment: { SHIPINATOR_DB_HOST: "::1" } }).database).toBe("postgres://[::1]/");
  });

  test("may be given in parts in the file", () => {
    const file = parseSettingsFile("db: { host: db.internal, port: 6000, user: u, password: 12, name: ci }", "x.yaml");
    expect(read({ file }).database).toBe("postgres://u:12@db.internal:6000/ci");
  });
});

test.each([
  [":8080", { host: "::", port: 8080 }],
  ["localhost:0", { host: "localhost", port: 0 }],
  ["[::1]:80", { host: "::1", port: 80 }],
])("listens at %s", (listen, expected) => {
  expect(read({ flags: { listen } }).listen).toEqual(expected);
});

test.each([
  { listen: "8080" },
  { listen: "host:99999" },
  { listen: "::1:80" },
  { listen: "" },
  { executor: "kubernetes" },
  { "max-runs": "0" },
  { "max-jobs": "many" },
])("refuses %j by the name of the setting and where it comes from", (flags) => {
  const [name = ""] = Object.keys(flags);
  expect(() => read({ flags })).toThrow(
    expect.objectContaining({
      code: "SERVER_SETTING_INVALID",
      message: expect.stringContaining(`${name} (--${name})`),
    }),
  );
});

test.each(["dta: x", "- a", "db: { hots: x }", "data: { a: 1 }", "data: [", "a: &a [*a]"])(
  "a settings file is refused that says %j",
  (text) => {
    expect(() => parseSettingsFile(text, "x.yaml")).toThrow(
      expect.objectContaining({ code: "SERVER_SETTING_INVALID" }),
    );
  },
);

test("a settings file that is no YAML is refused without a word of it", () => {
  const text = "db:\n  password: hunter2hunter2\n  x: [";
  expect(() => parseSettingsFile(text, "x.yaml")).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining("hunter2") }),
  );
});
