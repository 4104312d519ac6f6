import { join } from "node:path";

/** What lies in a server's data directory: the same names as in a project's `.waybill`. */
export interface DataPaths {
  readonly logs: string;
  readonly workspaces: string;
  readonly executions: string;
  readonly containers: string;
  readonly sandboxes: string;
  readonly images: string;
  readonly mirrors: string;
  /** Files of requests that are under way, on any of the servers that share the directory. */
  readonly scratch: string;
}

export function dataPaths(data: string): DataPaths {
  return {
    logs: join(data, "logs"),
    workspaces: join(data, "workspaces"),
    executions: join(data, "executions"),
    containers: join(data, "containers"),
    sandboxes: join(data, "sandboxes"),
    images: join(data, "images"),
    mirrors: join(data, "mirrors"),
    scratch: join(data, "scratch"),
  };
}
