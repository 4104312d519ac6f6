import { deliveryIdFrom, header } from "../request.ts";
import { verifyHexHmac } from "../signature.ts";
import type { WebhookSource } from "../source.ts";
import { parseGithub } from "./parse.ts";

const SIGNATURE = "x-hub-signature-256";

/** GitHub and GitHub Enterprise. The older `X-Hub-Signature` (SHA-1) is not looked at. */
export const githubSource: WebhookSource = {
  id: "github",
  title: "GitHub",
  verify(request, secrets) {
    const value = header(request, SIGNATURE);
    return verifyHexHmac(value?.replace(/^sha256=/, "") ?? null, request.rawBody, secrets, SIGNATURE);
  },
  deliveryId: (request) => deliveryIdFrom(request, ["x-github-delivery"]),
  parse: parseGithub,
};
