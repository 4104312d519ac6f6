import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useState, type ReactElement } from "react";
import { call } from "../../api/client.ts";
import type { Job, RunDetails } from "../../api/generated/operations.ts";
import { keys } from "../../api/keys.ts";
import { pipelineQuery } from "../../api/queries/projects.ts";
import { Button } from "../../components/button.tsx";
import { CommandHint } from "../../components/command-hint.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { countOf } from "../../components/format.ts";
import { Menu } from "../../components/menu.tsx";
import { isSettled } from "../../components/status.ts";
import { tell, tellError } from "../../components/toast.tsx";
import { useMay } from "../../session/use-may.ts";
import { useKey } from "../../shell/use-key.ts";
import type { Rerun } from "./rerun-dialog.tsx";

export interface RunActionsProps {
  readonly run: RunDetails;
  readonly jobs: readonly Job[];
  /** Name of the selected job. */
  readonly selected: string | null;
}

const RerunDialog = lazy(async () => ({ default: (await import("./rerun-dialog.tsx")).RerunDialog }));

/** Rerun and cancel. What one may not do is there, and says why. */
export function RunActions({ run, jobs, selected }: RunActionsProps): ReactElement {
  const isOver = isSettled(run.status);
  return isOver ? <RerunMenu run={run} jobs={jobs} selected={selected} /> : <CancelButton run={run} jobs={jobs} />;
}

function useProjectOf({ pipeline_id }: RunDetails): string | null {
  const { data } = useQuery({ ...pipelineQuery(pipeline_id ?? ""), enabled: pipeline_id !== null });
  return data?.project_id ?? null;
}

function RerunMenu({ run, jobs, selected }: RunActionsProps): ReactElement {
  const navigate = useNavigate();
  const [isAsking, setAsking] = useState(false);
  const may = useMay("rerunRun", useProjectOf(run));
  const rerun = useMutation({
    mutationFn: (body: Rerun) => call("rerunRun", { params: { id: run.id }, body }),
    onSuccess: async ({ id, number }) => {
      tell(`Run #${number} begins`);
      setAsking(false);
      await navigate({ to: "/runs/$id", params: { id }, search: {} });
    },
    onError: (error) => tellError("The run was not started again", error),
  });
  const reason =
    run.pipeline_id === null
      ? "A run of a directory is run again where the directory is."
      : may.isAllowed
        ? null
        : may.reason;
  const hasFailed = jobs.some(({ status }) => status !== "success");
  const preferred: Rerun = run.status === "success" || !hasFailed ? { only: "all" } : { only: "failed" };
  useKey(
    "r",
    preferred.only === "all" ? "Rerun all jobs" : "Rerun what failed",
    reason === null && !rerun.isPending ? () => rerun.mutate(preferred) : null,
  );
  if (reason !== null) {
    return (
      <Button icon="rerun" disabledReason={reason}>
        Rerun
      </Button>
    );
  }
  const trigger = (
    <Button icon="rerun" kind={run.status === "success" ? "plain" : "primary"} isBusy={rerun.isPending}>
      Rerun
    </Button>
  );
  return (
    <>
      <Menu
        trigger={trigger}
        items={[
          {
            label: "What failed",
            icon: "rerun",
            disabledReason: hasFailed ? null : "Nothing failed.",
            onSelect: () => rerun.mutate({ only: "failed" }),
          },
          { label: `All ${countOf(jobs.length, "job")}`, icon: "rerun", onSelect: () => rerun.mutate({ only: "all" }) },
          ...(selected === null
            ? []
            : [
                {
                  label: `Only ${selected}`,
                  icon: "rerun" as const,
                  onSelect: () => rerun.mutate({ jobs: [selected] }),
                },
              ]),
          { label: "With other values …", icon: "rerun", onSelect: () => setAsking(true) },
        ]}
      />
      {isAsking ? (
        <Suspense>
          <RerunDialog
            run={run}
            jobs={jobs}
            selected={selected}
            isBusy={rerun.isPending}
            onRerun={(body) => rerun.mutate(body)}
            onClose={() => setAsking(false)}
          />
        </Suspense>
      ) : null}
    </>
  );
}

function CancelButton({ run, jobs }: Omit<RunActionsProps, "selected">): ReactElement {
  const [isOpen, setOpen] = useState(false);
  const client = useQueryClient();
  const may = useMay("cancelRun", useProjectOf(run));
  const cancel = useMutation({
    mutationFn: () => call("cancelRun", { params: { id: run.id } }),
    onSuccess: async () => {
      setOpen(false);
      tell(`Run #${run.number} is being cancelled`);
      await client.invalidateQueries({ queryKey: keys.run(run.id) });
      await client.invalidateQueries({ queryKey: keys.runs });
    },
    onError: (error) => tellError("The run goes on", error),
  });
  const reason = may.isAllowed ? null : may.reason;
  const running = jobs.filter(({ status }) => status === "running").length;
  const waiting = jobs.filter(({ status }) => status === "pending" || status === "retry").length;
  useKey("c", "Cancel the run", reason === null ? () => setOpen(true) : null);
  return (
    <>
      <Button kind="danger" icon="cancel" disabledReason={reason} onClick={() => setOpen(true)}>
        Cancel
      </Button>
      <Dialog
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title={`Cancel run #${run.number}?`}
        actions={
          <>
            <Button onClick={() => setOpen(false)}>Let it run</Button>
            <Button kind="danger" isBusy={cancel.isPending} onClick={() => cancel.mutate()}>
              Cancel the run
            </Button>
          </>
        }
      >
        <p>
          {running === 0
            ? "No job runs. "
            : `${countOf(running, "job")} that ${running === 1 ? "runs gets" : "run get"} SIGTERM now and SIGKILL after 30 s. `}
          {waiting === 0 ? "" : `${countOf(waiting, "job")} will not begin. `}
          What has settled stays as it is.
        </p>
        <CommandHint command={`waybill cancel ${run.number}`} />
      </Dialog>
    </>
  );
}
