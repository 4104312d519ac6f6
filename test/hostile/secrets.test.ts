import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { hash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { waybill, type CommandResult } from "../support/waybill.ts";

const PLAIN = Array.from({ length: 17 }, (_, index) =>
  hash("sha256", `secret ${index}`, index % 2 === 0 ? "base64" : "hex").slice(0, 12 + index),
);

/** 20 of them: random ones, one of several lines, one that every encoding changes, one without a name. */
const SECRETS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(PLAIN.map((secret, index) => [`S${index}`, secret])),
  KEY: "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----",
  ODD: `p@ss "w/ord" 'é' $x\\ <&>`,
  LONG: "0123456789abcdef".repeat(12),
};
const NAMES = Object.keys(SECRETS);

/** How a secret may look where it got out; written without a look at how masking finds it. */
function looks(secret: string): string[] {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  // Without the characters at the ends that neighbours have a part in.
  const inside = (offset: number): string => {
    const length = Buffer.byteLength(secret) + offset;
    return base64("x".repeat(offset) + secret).slice(offset === 0 ? 0 : 4, Math.floor(length / 3) * 4);
  };
  return [
    ...[secret, encodeURIComponent(secret), encodeURI(secret), JSON.stringify(secret).slice(1, -1)],
    ...[inside(0), inside(1), inside(2), Buffer.from(secret).toString("base64url")],
    ...[secret.replaceAll("'", "'\\''"), secret.replaceAll(/["\\$`]/g, "\\$&")],
    ...secret.split("\n").filter((line) => line.length >= 8),
  ];
}

/** Everything that a job may do with what it has in its environment, short of encrypting it. */
const LEAKS = `
const { env, stdout, stderr } = process;
const secrets = ${JSON.stringify(NAMES)}.map((name) => env[name]);
const base64 = (text) => Buffer.from(text).toString("base64");
for (const secret of secrets) {
  stdout.write(secret + "\\n" + JSON.stringify({ secret }) + "\\n" + encodeURIComponent(secret) + " " + encodeURI(secret) + "\\n");
  stderr.write("error: " + secret + " " + secret + secret + "\\n");
  for (const before of ["", "x", "xx"]) stdout.write(base64(before + secret + "yy") + "\\n");
  stdout.write(base64(secret) + " " + Buffer.from(secret).toString("base64url") + "\\n");
  stdout.write("10%\\r" + secret + "\\r" + secret + " 100%\\r\\n");
  stdout.write("z".repeat(65536 - 5) + secret + "\\n");
  stdout.write(secret.repeat(3000) + "\\n");
}
const all = Buffer.from(secrets.join("\\n"));
for (let at = 0; at < all.length; at += 1) {
  stdout.write(all.subarray(at, at + 1));
  if (at % 7 === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
}
stdout.write("\\n" + secrets[0].slice(0, -1));
`;

function pipeline(): string {
  const environment = NAMES.map((name) => `  ${name}: "\${{ secrets.${name} }}"`).join("\n");
  return `name: leaky
global_env:
${environment}
  URL: "https://user:\${{ secrets.S3 }}@example.org/"
jobs:
  print:
    steps:
      - { name: program, script: ["${process.execPath} leaks.cjs"] }
      - name: shell
        script:
          - set -x
          - : "$S1" "$ODD" "$URL"
          - env; export -p; set
          - echo "$LONG" | base64; echo "$KEY" | base64 -w 20; echo "$KEY"
          - echo "$S1" > "$S1.txt"; cat "$S1.txt"; ls
          - echo "OUT=$S6" >> "$WAYBILL_OUTPUT"; echo "$S7=x" >> "$WAYBILL_OUTPUT"
          - sh -c 'exit 3' "$S4"
  save:
    retry_count: 0
    steps: [{ name: link, script: ['ln -s /etc/passwd "$S5.txt"'] }]
    artifacts: { out: ["*.txt"] }
`.replaceAll("          - : ", "          - true ");
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

test("20 secrets that a job tries hard to leak are in nothing that is kept or printed", async () => {
  const cwd = await temporaryDirectory();
  await writeFile(join(cwd, "waybill.yaml"), pipeline());
  await writeFile(join(cwd, "leaks.cjs"), LEAKS);
  const secrets = join(await temporaryDirectory(), "secrets.json");
  await writeFile(secrets, JSON.stringify(SECRETS), { mode: 0o600 });

  const results: CommandResult[] = [];
  for (const view of ["--plain", "--json"]) {
    const run = await waybill(["run", view, "--secrets", secrets], { cwd });
    expect(run.exitCode).toBe(1);
    results.push(run);
  }
  for (const args of [
    ...[
      ["logs", "1"],
      ["logs", "2", "print", "--json"],
      ["logs", "1", "print", "--grep", "."],
    ],
    ...[
      ["why", "1", "print"],
      ["why", "1", "save"],
      ["debug", "1", "print"],
      ["debug", "1", "print", "--json"],
    ],
    ...[["runs"], ["plan"], ["plan", "--json"]],
  ]) {
    results.push(await waybill(args, { cwd }));
  }
  // The run did what it was to do, and the messages speak of what they do not show.
  expect(results[0]?.stdout).toContain("print | ***");
  expect(results[0]?.stdout).toMatch(/save \* failed .*\*\*\*\.txt/);
  expect(results[2]?.stdout.split("\n").length).toBeGreaterThan(200);

  const texts = [
    ...results.flatMap(({ stdout, stderr }) => [stdout, stderr]),
    ...filesBelow(join(cwd, ".waybill")).map((path) => readFileSync(path, "latin1")),
    ...filesBelow(join(cwd, ".waybill")).map((path) => readFileSync(path, "utf8")),
  ];
  const found = NAMES.flatMap((name) =>
    looks(SECRETS[name] ?? "").flatMap((look) => {
      const text = texts.findIndex((each) => each.includes(look));
      return text === -1 ? [] : [{ name, look, text }];
    }),
  );
  expect(found).toEqual([]);
});

const USES_TOKEN = `name: token
jobs:
  use: { environment: { TOKEN: "\${{ secrets.TOKEN }}" }, steps: [{ name: s, script: ['echo "got $TOKEN $\${#TOKEN}"'] }] }
  free: { steps: [{ name: s, script: ["echo free"] }] }
`.replace("${#", "$${#");

test("a secret that is not given is missed before anything runs, by name and job", async () => {
  const cwd = await temporaryDirectory();
  await writeFile(join(cwd, "waybill.yaml"), USES_TOKEN);
  const without = await waybill(["run"], { cwd });
  expect([without.exitCode, without.stdout]).toEqual([2, ""]);
  expect(without.stderr).toContain("error[RUN_SECRETS_MISSING]");
  expect(without.stderr).toContain("TOKEN (job use)");
  expect((await waybill(["run", "--job", "free"], { cwd })).exitCode).toBe(0);
  expect((await waybill(["runs"], { cwd })).stdout.trimEnd().split("\n").length).toBe(2);
});

test("secrets are read as NAME=value lines; who else may read the file is said", async () => {
  const cwd = await temporaryDirectory();
  await writeFile(join(cwd, "waybill.yaml"), USES_TOKEN);
  await writeFile(join(cwd, "secrets"), "TOKEN=a = b c\nfree\n", { mode: 0o644 });
  const run = await waybill(["run", "--secrets", "secrets"], { cwd });
  expect(run.stderr).toBe("warning: other users may read secrets; chmod 600 makes it yours alone\n");
  expect(run.stdout).toContain("use | got *** 7\n");
  // A line without a name is a secret as well.
  expect(run.stdout).toContain("free | ***\n");
});

test.each([
  ["TOKEN=abc", "MASKING_SECRET_TOO_SHORT"],
  ["TOKEN=hunter22\nTOKEN=hunter33", "MASKING_SECRET_NAME"],
  ['{"A B": "hunter22"}', "MASKING_SECRET_NAME"],
  ['{"TOKEN": 17000000}', "MASKING_SECRETS_INVALID"],
  ['{"TOKEN": "hunter22"', "MASKING_SECRETS_INVALID"],
])("the secrets %j are refused without being shown", async (text, code) => {
  const cwd = await temporaryDirectory();
  await writeFile(join(cwd, "waybill.yaml"), USES_TOKEN);
  await writeFile(join(cwd, "secrets"), text, { mode: 0o600 });
  const { exitCode, stdout, stderr } = await waybill(["run", "--secrets", "secrets"], { cwd });
  expect([exitCode, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(code);
  expect(stderr).not.toMatch(/hunter|abc|1700/);
});
