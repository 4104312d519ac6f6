import { systemClock, WaybillError, type Clock } from "@waybill/core";
import { Limiter } from "./limiter.ts";
import {
  hashPassword,
  needsRehash,
  SCRYPT_PARAMETERS,
  verifyPassword,
  type ScryptParameters,
} from "./password-hash.ts";
import { placeOf, Throttle } from "./throttle.ts";

const MIN_LENGTH = 12;
const MAX_BYTES = 1024;

/** Two at once: of the four threads of Node's pool, the others go on reading files. */
const AT_ONCE = 2;
const MOST_WAITING = 50;

/** An account is slowed down by a minute at most: whoever wants to keep its owner out must not be able to. */
const ACCOUNT_POLICY = { free: 10, firstDelayMs: 1000, longestDelayMs: 60_000, forgetMs: 3_600_000, capacity: 10_000 };

/** Many people may be behind one address. */
const ADDRESS_POLICY = { free: 30, firstDelayMs: 1000, longestDelayMs: 900_000, forgetMs: 3_600_000, capacity: 10_000 };

export interface PasswordOptions {
  readonly clock?: Clock;
  readonly parameters?: ScryptParameters;
}

export interface PasswordCheck {
  readonly isRight: boolean;
  /** The same password hashed with today's parameters, where the stored hash has others. */
  readonly rehashed: string | null;
}

/** Hashes and checks passwords: a few at a time, slower for those who guess, no faster for users there are not. */
export class Passwords {
  readonly #parameters: ScryptParameters;
  readonly #limiter = new Limiter(AT_ONCE, MOST_WAITING);
  readonly #accounts: Throttle;
  readonly #addresses: Throttle;
  /** Nobody's, to be compared with where there is none. */
  #nobodys: Promise<string> | null = null;

  constructor({ clock = systemClock, parameters = SCRYPT_PARAMETERS }: PasswordOptions = {}) {
    this.#parameters = parameters;
    this.#accounts = new Throttle(ACCOUNT_POLICY, clock);
    this.#addresses = new Throttle(ADDRESS_POLICY, clock);
  }

  /** @throws WaybillError `PASSWORD_UNSUITABLE`, `AUTH_BUSY` */
  async hash(password: string, userName: string): Promise<string> {
    checkPassword(password, userName);
    return await this.#limiter.run(() => hashPassword(password, this.#parameters));
  }

  /**
   * @param stored null: there is no such user, or it has no password; takes as long as if there were
   * @throws WaybillError `AUTH_THROTTLED`, `AUTH_BUSY`
   */
  async check(userName: string, address: string, password: string, stored: string | null): Promise<PasswordCheck> {
    const place = placeOf(address);
    const delayMs = Math.max(this.#accounts.delayOf(userName), this.#addresses.delayOf(place));
    if (delayMs > 0) throw new WaybillError("AUTH_THROTTLED", { seconds: Math.ceil(delayMs / 1000) });
    this.#accounts.fail(userName);
    this.#addresses.fail(place);
    if (Buffer.byteLength(password) > MAX_BYTES) return { isRight: false, rehashed: null };
    return await this.#limiter.run(async () => {
      this.#nobodys ??= hashPassword("nobody's password", this.#parameters);
      const nobodys = await this.#nobodys;
      const isSame = await verifyPassword(password, stored ?? nobodys);
      const isRight = stored !== null && isSame;
      if (!isRight) return { isRight, rehashed: null };
      this.#accounts.forget(userName);
      this.#addresses.succeed(place);
      const isOld = needsRehash(stored, this.#parameters);
      return { isRight, rehashed: isOld ? await hashPassword(password, this.#parameters) : null };
    });
  }
}

function checkPassword(password: string, userName: string): void {
  const characters = [...password];
  const detail =
    characters.length < MIN_LENGTH
      ? `it has fewer than ${MIN_LENGTH} characters`
      : Buffer.byteLength(password) > MAX_BYTES
        ? `it has more than ${MAX_BYTES} bytes`
        : new Set(characters).size < 5
          ? "it repeats few characters"
          : password.toLowerCase().includes(userName.toLowerCase()) && userName.length > 3
            ? "it holds the name it is for"
            : null;
  if (detail !== null) throw new WaybillError("PASSWORD_UNSUITABLE", { detail });
}
