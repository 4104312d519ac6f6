import { spawn } from "node:child_process";
import { open } from "node:fs/promises";
import { WaybillError, type Clock } from "@waybill/core";
import { Client } from "pg";
import { readAddress } from "../postgres/address.ts";
import { PostgresClaims } from "../postgres/claims.ts";
import { connectionError } from "../postgres/errors.ts";
import { CLEANUP_LOCK, type DatabaseBackup } from "./database-backup.ts";

/** Of what a program says, the end. */
const MAX_DETAIL = 1_000;

/** @throws WaybillError `BACKUP_CLEANUP_UNDER_WAY`, `STORE_*` */
export async function openPostgresBackup(url: string, clock: Clock): Promise<DatabaseBackup> {
  const address = readAddress(url);
  const claims = new PostgresClaims(address, clock);
  const lock = await claims.lock(CLEANUP_LOCK);
  if (lock === null) {
    await claims.close();
    throw new WaybillError("BACKUP_CLEANUP_UNDER_WAY", {});
  }
  return {
    kind: "postgres",
    async write(file) {
      await (await open(file, "wx", 0o600)).close();
      // One transaction of the server: all of it is of one moment.
      await run("pg_dump", ["--format=custom", "--no-owner", "--no-privileges", `--file=${file}`], url);
    },
    async close() {
      await lock.release();
      await claims.close();
    },
  };
}

/** @throws WaybillError `BACKUP_TARGET_IN_USE`, `BACKUP_DATABASE_FAILED`, `STORE_*` */
export async function restorePostgres(file: string, url: string): Promise<void> {
  const { path } = readAddress(url);
  if (!(await isEmpty(url, path))) throw new WaybillError("BACKUP_TARGET_IN_USE", { path });
  const args = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"];
  await run("pg_restore", [...args, file], url);
}

async function isEmpty(url: string, path: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
    const text = "select 1 from pg_catalog.pg_tables where schemaname = current_schema() limit 1";
    return (await client.query(text)).rows.length === 0;
  } catch (error) {
    throw connectionError(error, path);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The password goes by the environment: everybody on the machine can read arguments. */
async function run(program: string, args: readonly string[], url: string): Promise<void> {
  const { address, password } = withoutPassword(url);
  const env = { ...process.env, ...(password === null ? {} : { PGPASSWORD: password }) };
  const child = spawn(program, [`--dbname=${address}`, "--no-password", ...args], {
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-MAX_DETAIL)));
  const problem = await new Promise<string | null>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code) => resolve(code === 0 ? null : said.trim() || `it ended with ${code}`));
  });
  if (problem === null) return;
  const detail = password === null || password === "" ? problem : problem.replaceAll(password, "***");
  throw new WaybillError("BACKUP_DATABASE_FAILED", { program, detail });
}

function withoutPassword(url: string): { readonly address: string; readonly password: string | null } {
  const parsed = new URL(url);
  const given = parsed.searchParams.get("password");
  const password = given ?? (parsed.password === "" ? null : decodeURIComponent(parsed.password));
  parsed.password = "";
  parsed.searchParams.delete("password");
  return { address: parsed.href, password };
}
