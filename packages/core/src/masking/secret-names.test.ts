import { describe, expect, it } from "vitest";
import { looksSecret } from "./secret-names.ts";

describe("looksSecret", () => {
  it.each([
    ...["TOKEN", "GITHUB_TOKEN", "token2", "apiToken", "API_KEY", "apiKey", "AWS_SECRET_ACCESS_KEY", "SIGNING_KEY"],
    ...["PASSWORD", "DB_PASS", "PGPASSWORD", "MYSQL_PWD", "passphrase", "CREDENTIALS", "SSH_PRIVATE_KEY", "JWT"],
    ...["BASIC_AUTH", "SESSION_COOKIE", "SENTRY_DSN", "npm-auth-token", "OTP"],
  ])("takes %s for one", (name) => {
    expect(looksSecret(name)).toBe(true);
  });

  it.each([
    ...["AUTHOR", "KEYBOARD", "MONKEY", "PWD", "OLDPWD", "COMPASS", "STAGE", "PATH", "BYPASS", "SECRETARY"],
    ...["PUBLIC_KEY", "AWS_ACCESS_KEY_ID", "SSH_AUTH_SOCK", "WAYBILL_RUN_ID", "HOME", "TOKENIZER", ""],
  ])("does not take %s for one", (name) => {
    expect(looksSecret(name)).toBe(false);
  });
});
