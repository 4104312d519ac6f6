import { useQuery } from "@tanstack/react-query";
import type { ReactElement, ReactNode } from "react";
import type { Project } from "../api/generated/operations.ts";
import { projectsQuery } from "../api/queries/projects.ts";
import { CodeBlock } from "../components/code-block.tsx";
import { EmptyState } from "../components/empty-state.tsx";
import { ErrorPanel } from "../components/error-panel.tsx";
import { SelectField } from "../components/field.tsx";
import { Skeleton } from "../components/skeleton.tsx";

export interface ProjectChoice {
  /** Null: there is none of that name, or none at all, or it is not known yet. */
  readonly project: Project | null;
  /** By name; undefined: not known yet. */
  readonly projects: readonly Project[] | undefined;
  readonly error: Error | null;
}

/** The project a page is about. @param name of the address; without one it is the first that one may see */
export function useProjectChoice(name: string | undefined): ProjectChoice {
  const { data, error } = useQuery(projectsQuery());
  const projects = data?.items.toSorted((a, b) => a.name.localeCompare(b.name));
  const project = name === undefined ? projects?.[0] : projects?.find((each) => each.name === name || each.id === name);
  return { project: project ?? null, projects, error };
}

export interface ProjectSelectProps {
  readonly choice: ProjectChoice;
  readonly onChange: (name: string) => void;
}

export function ProjectSelect({ choice, onChange }: ProjectSelectProps): ReactElement | null {
  const { project, projects = [] } = choice;
  if (projects.length === 0) return null;
  const none = project === null ? [{ value: "", label: "Choose one" }] : [];
  return (
    <SelectField
      label="Project"
      value={project?.name ?? ""}
      options={[...none, ...projects.map(({ name }) => ({ value: name, label: name }))]}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

export interface OfProjectProps {
  readonly choice: ProjectChoice;
  readonly children: (project: Project) => ReactNode;
}

/** What a page shows of the chosen project; where there is none, how one is made. */
export function OfProject({ choice, children }: OfProjectProps): ReactElement {
  const { project, projects, error } = choice;
  if (project !== null) return <>{children(project)}</>;
  if (projects === undefined) return error === null ? <Skeleton rows={5} height={32} /> : <ErrorPanel error={error} />;
  if (projects.length > 0) return <EmptyState title="There is no project of this name that you may see" />;
  return (
    <EmptyState title="There is no project yet that you may see">
      <p>A project holds pipelines, secrets, environments and people. Connecting a repository makes one:</p>
      <CodeBlock label="the command" code="waybill connect https://git.example.com/team/project.git" />
    </EmptyState>
  );
}
