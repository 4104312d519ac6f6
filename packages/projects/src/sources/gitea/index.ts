import { deliveryIdFrom, header } from "../request.ts";
import { verifyHexHmac } from "../signature.ts";
import type { WebhookSource } from "../source.ts";
import { parseGitea } from "./parse.ts";

/** Gitea, and Forgejo, which sends the same under its own name too. */
export const giteaSource: WebhookSource = {
  id: "gitea",
  title: "Gitea",
  verify(request, secrets) {
    const signature = header(request, "x-forgejo-signature") ?? header(request, "x-gitea-signature");
    return verifyHexHmac(signature, request.rawBody, secrets, "x-gitea-signature");
  },
  deliveryId: (request) => deliveryIdFrom(request, ["x-forgejo-delivery", "x-gitea-delivery"]),
  parse: parseGitea,
};
