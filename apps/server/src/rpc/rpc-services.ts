import { fromJson, type DescMessage, type JsonValue, type MessageShape } from "@bufbuild/protobuf";
import type { ConnectRouter, HandlerContext } from "@connectrpc/connect";
import { readEvents } from "../api/run-events.ts";
import { runOf } from "../api/records.ts";
import type { RouteReply } from "../http/route.ts";
import { followPages } from "../runs/server-sent-events.ts";
import type { Services } from "../services.ts";
import * as proto from "./generated/waybill.ts";
import type { CallOperation, RestRequest, WatchOperation } from "./rpc-plugin.ts";

export interface RpcServicesOptions {
  readonly call: CallOperation;
  readonly watch: WatchOperation;
  readonly services: Services;
  /** Aborted when the server is ending. */
  readonly ending: AbortSignal;
  toConnectError(error: unknown, context: HandlerContext): Error;
}

export function rpcServices(options: RpcServicesOptions): (router: ConnectRouter) => void {
  /** A procedure that is an operation: its answer is the message, or part of it. */
  function unary<Request, Response extends DescMessage>(
    operation: string,
    response: Response,
    toRest: (request: Request) => RestRequest,
    wrap: (body: JsonValue) => JsonValue = (body) => body,
  ): (request: Request, context: HandlerContext) => Promise<MessageShape<Response>> {
    return async (request, context) => {
      try {
        const body = bodyOf(await options.call(operation, toRest(request), context));
        return fromJson(response, wrap(body), { ignoreUnknownFields: true });
      } catch (error) {
        throw options.toConnectError(error, context);
      }
    };
  }
  return (router) => {
    router.service(proto.PipelineControlService, {
      triggerRun: unary(
        "triggerRun",
        proto.TriggerRunResponseSchema,
        ({ pipelineId, ref, sha, variables }: proto.TriggerRunRequest) => ({
          params: { id: pipelineId },
          body: { ref, sha, variables },
        }),
      ),
      rerunRun: unary(
        "rerunRun",
        proto.RerunRunResponseSchema,
        ({ runId, only, jobs, variables }: proto.RerunRunRequest) => ({
          params: { id: runId },
          body: { only, variables, ...(jobs.length === 0 ? {} : { jobs }) },
        }),
      ),
      cancelRun: unary("cancelRun", proto.CancelRunResponseSchema, ofRun, (run) => ({ run })),
      getRun: unary("getRun", proto.GetRunResponseSchema, ofRun, (run) => ({ run })),
      listRuns: unary("listRuns", proto.ListRunsResponseSchema, (request: proto.ListRunsRequest) => {
        const { limit, cursor, status, ref, branch, trigger, since, until, number } = request;
        const { projectId: project_id, pipelineId: pipeline_id } = request;
        const given = { limit, cursor, status, ref, branch, trigger, since, until, project_id, pipeline_id, number };
        const query = Object.entries(given).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, String(value)] as const],
        );
        return { query: Object.fromEntries(query) };
      }),
      listJobs: unary("listJobs", proto.ListJobsResponseSchema, ofRun),
      async *followRun(request, context) {
        try {
          yield* follow(options, request, context);
        } catch (error) {
          throw options.toConnectError(error, context);
        }
      },
    });
    router.service(proto.ArtifactService, {
      listArtifacts: unary("listArtifactsOfRun", proto.ListArtifactsResponseSchema, ofRun),
      getArtifactMetadata: unary(
        "getArtifactMetadata",
        proto.GetArtifactMetadataResponseSchema,
        ofArtifact,
        (artifact) => ({ artifact, run_id: (artifact as { readonly run_id: string }).run_id }),
      ),
      async *downloadArtifact(request, context) {
        try {
          const reply = await options.call("downloadArtifact", ofArtifact(request), context);
          if (!("stream" in reply)) throw new Error("a download is a stream");
          for await (const chunk of reply.stream) yield { chunk: Buffer.from(chunk) };
        } catch (error) {
          throw options.toConnectError(error, context);
        }
      },
    });
    router.service(proto.ExecutorCallbackService, {
      reportStatus: unary(
        "reportExecution",
        proto.ReportStatusResponseSchema,
        ({ executionId, status, exitCode, logsRef, message }: proto.ReportStatusRequest) => ({
          params: { id: executionId },
          body: { status, exit_code: exitCode, logs_ref: logsRef, message },
        }),
      ),
    });
  };
}

async function* follow(
  { call, watch, services, ending }: RpcServicesOptions,
  { runId, after = 0 }: proto.FollowRunRequest,
  context: HandlerContext,
): AsyncGenerator<{ readonly seq: number; readonly type: string; readonly json: string }> {
  // Asks whether the caller may, and whether there is such a run.
  await call("getRun", { params: { id: runId } }, context);
  const { id } = await runOf(services, runId);
  using follower = services.changes.follow(id);
  using access = watch("getRun", { params: { id: runId } }, context);
  const signal = AbortSignal.any([context.signal, ending, access.lost]);
  const isDrivenHere = (): boolean => services.runs.isDriving(id);
  for await (const events of followPages(readEvents(services.store, id, after), follower, isDrivenHere, signal)) {
    for (const { id: seq, type, data } of events) yield { seq, type, json: JSON.stringify(data) };
  }
  // Otherwise the run would seem to be over.
  access.lost.throwIfAborted();
}

function ofRun({ runId }: { readonly runId: string }): RestRequest {
  return { params: { id: runId } };
}

function ofArtifact({ artifactId }: { readonly artifactId: string }): RestRequest {
  return { params: { id: artifactId } };
}

function bodyOf(reply: RouteReply): JsonValue {
  if (!("body" in reply)) throw new Error("only JSON is a message");
  return reply.body as JsonValue;
}
