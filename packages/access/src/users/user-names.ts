import { WaybillError } from "@waybill/core";

const MAX_TEXT = 200;

/** An address may be a name. */
export const MAX_NAME = 128;

/** The form in which a name is kept and looked for. */
export function normalName(name: string): string {
  return name.trim().toLowerCase();
}

/** @throws WaybillError `USER_INVALID` */
export function checkName(name: string): string {
  const normal = normalName(name);
  if (!/^[a-z0-9][a-z0-9._@+-]*$/.test(normal) || normal.length > MAX_NAME) {
    throw invalid("its name has characters or a length it cannot have");
  }
  return normal;
}

/** @throws WaybillError `USER_INVALID` */
export function checkDisplayName(text: string): string {
  const trimmed = text.trim();
  // oxlint-disable-next-line no-control-regex -- they are what is refused
  if (trimmed.length > MAX_TEXT || /[\u0000-\u001F\u007F]/.test(trimmed) || !trimmed.isWellFormed()) {
    throw invalid("its display name is too long or has control characters");
  }
  return trimmed;
}

/** Roughly an address; whoever signs in with it must have proved it elsewhere. @throws WaybillError `USER_INVALID` */
export function checkEmail(text: string | null): string | null {
  if (text === null) return null;
  const address = text.trim().toLowerCase();
  if (address.length > MAX_TEXT || !/^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(address) || !address.isWellFormed()) {
    throw invalid("its e-mail address is none");
  }
  return address;
}

function invalid(detail: string): WaybillError {
  return new WaybillError("USER_INVALID", { detail });
}
