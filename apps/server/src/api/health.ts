import { WaybillError } from "@waybill/core";
import * as z from "zod/mini";
import { defineRoute, type Route } from "../http/route.ts";
import { named } from "./schemas.ts";

const health = named("Health", z.object({ status: z.literal("ok") }));

export const healthRoutes: readonly Route[] = [
  defineRoute({
    id: "health",
    method: "GET",
    path: "/health",
    summary: "Whether the process answers",
    tag: "server",
    access: null,
    isUnlimited: true,
    responses: { 200: { description: "It does", schema: health } },
    handle: () => ({ status: 200, body: { status: "ok" } }),
  }),
  defineRoute({
    id: "ready",
    method: "GET",
    path: "/ready",
    summary: "Whether requests should be sent here: the store answers and the server is not ending",
    tag: "server",
    access: null,
    isUnlimited: true,
    responses: { 200: { description: "They should", schema: health } },
    async handle(_, services) {
      if (!services.isAccepting()) throw new WaybillError("API_SHUTTING_DOWN", {});
      await services.checkStore();
      return { status: 200, body: { status: "ok" } };
    },
  }),
];
