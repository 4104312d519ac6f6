/** Of all headers together; a server takes less. */
const MAX_HEADER = 16_384;

/** A cookie that a browser keeps for this server alone, out of reach of scripts. */
export class BrowserCookie {
  readonly name: string;
  readonly #attributes: string;

  /**
   * @param isSecure whether browsers come by `https://`. Then the name begins with `__Host-`, which browsers take only with
   *   Secure, the path `/` and no domain, so that no other host can set it. By `http://` some browsers take neither.
   */
  constructor(name: string, isSecure: boolean) {
    this.name = isSecure ? `__Host-${name}` : name;
    this.#attributes = `Path=/; ${isSecure ? "Secure; " : ""}HttpOnly; SameSite=Lax`;
  }

  /**
   * @param header text of the header `Cookie`
   * @returns null: there is none, or more than one, of which nobody could say whose it is
   */
  read(header: string | undefined): string | null {
    if (header === undefined || header.length > MAX_HEADER) return null;
    const values = header
      .split(";")
      .map((pair) => pair.trim())
      .filter((pair) => pair.startsWith(`${this.name}=`));
    return values.length === 1 ? (values[0]?.slice(this.name.length + 1) ?? null) : null;
  }

  /** `Set-Cookie`. @param maxAgeS without it, it lives as long as the browser */
  set(value: string, maxAgeS?: number): string {
    return `${this.name}=${value}; ${this.#attributes}${maxAgeS === undefined ? "" : `; Max-Age=${maxAgeS}`}`;
  }

  /** `Set-Cookie` that ends it. */
  end(): string {
    return this.set("", 0);
  }
}

export function sessionCookie(isSecure: boolean): BrowserCookie {
  return new BrowserCookie("waybill", isSecure);
}
