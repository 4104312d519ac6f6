import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from "node:crypto";

/** What a password's hash costs: memory of 128 · 2^ln · r bytes, p times over. */
export interface ScryptParameters {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/**
 * 32 MiB, three times over: as hard to guess as the 128 MiB once that are recommended for scrypt, and a server that
 * checks a few at once stays small.
 */
export const SCRYPT_PARAMETERS: ScryptParameters = { ln: 15, r: 8, p: 3 };

const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** A stored hash with larger ones is none of ours, and would take the server's memory. */
const LARGEST: ScryptParameters = { ln: 20, r: 16, p: 8 };

interface ParsedHash {
  readonly parameters: ScryptParameters;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** `$scrypt$ln=15,r=8,p=3$salt$hash`, both in base64 without padding. */
export async function hashPassword(password: string, parameters = SCRYPT_PARAMETERS): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, parameters);
  const { ln, r, p } = parameters;
  return `$scrypt$ln=${ln},r=${r},p=${p}$${base64(salt)}$${base64(hash)}`;
}

/** Whether `stored` is the password's hash. What is no hash at all is nobody's. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const parsed = parse(stored);
  if (parsed === null) return false;
  return timingSafeEqual(await derive(password, parsed.salt, parsed.parameters), parsed.hash);
}

/** Whether a hash was made with other parameters, so that it should be made anew while the password is known. */
export function needsRehash(stored: string, { ln, r, p } = SCRYPT_PARAMETERS): boolean {
  const parameters = parse(stored)?.parameters;
  return parameters === undefined || parameters.ln !== ln || parameters.r !== r || parameters.p !== p;
}

function parse(stored: string): ParsedHash | null {
  const match = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(stored);
  if (match === null) return null;
  const [, ln, r, p, salt = "", hash = ""] = match;
  const parameters = { ln: Number(ln), r: Number(r), p: Number(p) };
  const isInBounds = (["ln", "r", "p"] as const).every((name) => {
    return parameters[name] >= 1 && parameters[name] <= LARGEST[name];
  });
  const bytes = Buffer.from(hash, "base64");
  if (!isInBounds || bytes.length !== HASH_BYTES) return null;
  return { parameters, salt: Buffer.from(salt, "base64"), hash: bytes };
}

/** In a thread of Node's pool. Composed and decomposed characters are the same password on every keyboard. */
function derive(password: string, salt: Buffer, { ln, r, p }: ScryptParameters): Promise<Buffer> {
  const N = 2 ** ln;
  const options: ScryptOptions = { N, r, p, maxmem: 256 * N * r };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFKC"), salt, HASH_BYTES, options, (error, hash) => {
      if (error === null) resolve(hash);
      else reject(error);
    });
  });
}

function base64(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}
