export const INPUT_TYPES = ["string", "boolean", "number", "choice"] as const;

export type InputType = (typeof INPUT_TYPES)[number];

export type InputValue = string | number | boolean;

/** A value that a person or a program gives to a run; the pipeline reads it as `${inputs.NAME}`. */
export interface PipelineInput {
  readonly type: InputType;
  /** For the person who fills it in; empty: nothing is said. */
  readonly description: string;
  /** Whether a run cannot start without it. Never true where there is a default. */
  readonly required: boolean;
  /** Null: none is written. Then an input that is not required is empty text, `false`, `0` or the first option. */
  readonly default: InputValue | null;
  /** Of a choice, at least one; otherwise empty. */
  readonly options: readonly string[];
}

/** In the order of the file. */
export type PipelineInputs = ReadonlyMap<string, PipelineInput>;

export const INPUT_NAME_PATTERN = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/** What stands before an input's name wherever variables are named. */
export const INPUT_PREFIX = "inputs.";

/** Characters that one value may have. */
export const MAX_INPUT_LENGTH = 8192;

export const MAX_INPUTS = 50;

export const MAX_INPUT_OPTIONS = 100;
