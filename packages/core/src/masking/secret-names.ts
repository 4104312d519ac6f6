/**
 * Words of names whose values are to be kept from others. Parts of a name, split at `_`, `-`, `.` and where lower case
 * turns into upper case: `DB_PASSWORD`, `apiKey` and `GITHUB_TOKEN` have one, `AUTHOR`, `KEYBOARD` and `PWD` do not.
 */
const SECRET_WORDS = [
  "secrets?|tokens?|passwords?|passwd|passphrase|passcode|pass|credentials?|creds?|private|auth|authorization",
  "key|keys|apikey|accesskey|secretkey|privatekey|pin|cookies?|session|signature|salt|dsn|bearer|jwt|otp|totp|pat",
].join("|");

const WHOLE_SECRET_WORD = new RegExp(`^(?:${SECRET_WORDS})\\d*$`);

/** Words that are secret in most names and not in these. */
const PUBLIC_NAME = /(?:^|_)(?:PUBLIC_KEY|KEY_ID|TOKEN_URL|AUTH_URL|SSH_AUTH_SOCK|SESSION_ID_NAME)$/;

/** Endings of names written in one word: `PGPASSWORD`, `DBTOKEN`. */
const SECRET_ENDING = /(?:password|passwd|passphrase|secret|token|apikey)\d*$/;

/** `MYSQL_PWD`, but neither `PWD` nor `OLDPWD`, which are directories. */
const PASSWORD_ENDING = /(?<!^|^old_?)pwd\d*$/;

/** Whether a variable of this name is likely to hold a secret. Errs on the side of yes. */
export function looksSecret(name: string): boolean {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .split(/[_.-]+/)
    .filter((word) => word !== "")
    .map((word) => word.toLowerCase());
  const joined = words.join("_");
  if (PUBLIC_NAME.test(joined.toUpperCase())) return false;
  return PASSWORD_ENDING.test(joined) || words.some((word) => WHOLE_SECRET_WORD.test(word) || SECRET_ENDING.test(word));
}
