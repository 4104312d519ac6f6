import { useQuery } from "@tanstack/react-query";
import type { OperationId } from "../api/client.ts";
import { meQuery } from "../api/queries/access.ts";
import { allowance, type Allowance } from "./may.ts";

/** Whether the person at the screen may carry out an operation in a project. */
export function useMay(operation: OperationId, projectId: string | null): Allowance {
  const { data: me } = useQuery(meQuery());
  return allowance(me, operation, projectId);
}
