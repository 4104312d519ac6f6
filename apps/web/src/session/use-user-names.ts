import { useQuery } from "@tanstack/react-query";
import { membersQuery } from "../api/queries/settings.ts";

/** Names of a project's people by their ids; of somebody who has left the project, the beginning of the id. */
export function useUserNames(projectId: string): (userId: string) => string {
  const { data } = useQuery(membersQuery(projectId));
  return (userId) => data?.items.find(({ user_id }) => user_id === userId)?.user ?? userId.slice(0, 8);
}
