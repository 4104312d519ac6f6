import type { ServerChoice } from "../../server/choose-server.ts";

export interface GetOptions extends ServerChoice {
  readonly to?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

export interface ListOptions extends ServerChoice {
  readonly limit: number;
  readonly json?: boolean;
}
