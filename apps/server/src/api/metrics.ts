import { defineRoute, type Route } from "../http/route.ts";

export const metricsRoutes: readonly Route[] = [
  defineRoute({
    id: "metrics",
    method: "GET",
    path: "/metrics",
    summary: "What Prometheus reads; names of pipelines and jobs are among it",
    tag: "server",
    access: { permission: "metrics:read", on: "server" },
    responses: { 200: { description: "The text format of Prometheus", schema: null, contentType: "text/plain" } },
    async handle(_, { metrics }) {
      const text = await metrics.render();
      return { status: 200, stream: whole(text), contentType: metrics.contentType };
    },
  }),
];

async function* whole(text: string): AsyncGenerator<string> {
  yield text;
}
