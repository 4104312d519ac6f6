import type { SignInLink } from "@waybill/access";

export const SIGN_IN_PATH = "/sign-in";

/** @param url where browsers find the server; the token is behind `#`, where no server or proxy logs it */
export function signInAddress(url: string, { token }: SignInLink): string {
  return `${url}${SIGN_IN_PATH}#${token}`;
}
