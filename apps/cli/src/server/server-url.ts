import { WaybillError } from "@waybill/core";

/**
 * The address of a server in the one form that it is kept and compared in: without a slash at its end.
 *
 * @throws WaybillError `SERVER_ADDRESS_INVALID`, which does not repeat a password
 */
export function serverUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw new WaybillError("SERVER_ADDRESS_INVALID", {
      url: url === null ? text : `${url.protocol}//…`,
      problem: "it begins with neither https:// nor http://",
    });
  }
  if (url.username !== "" || url.password !== "") {
    throw new WaybillError("SERVER_ADDRESS_INVALID", { url: url.origin, problem: "it has a user or a password in it" });
  }
  if (url.search !== "" || url.hash !== "") {
    throw new WaybillError("SERVER_ADDRESS_INVALID", { url: url.origin, problem: "it has more than a path behind it" });
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

/** Whether others can read what is sent there: plain HTTP to another machine. */
export function isReadableByOthers(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "http:" && !/^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}
