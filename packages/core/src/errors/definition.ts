/**
 * What one coded error is, independent of where it happens.
 *
 * `message` and `remedy` are templates: `{name}` is replaced by the parameter of that name when the error is
 * raised, so the set of parameters each code needs is checked by the compiler (see `ParametersOf`).
 */
export interface ErrorDefinition {
  /** One line for lists and `waybill explain`: what this code means, without parameters. */
  readonly title: string;
  /** What is wrong, for a person. Template. */
  readonly message: string;
  /** What to do about it. Template. */
  readonly remedy: string;
  /** `warning` never fails anything; everything else is an error. */
  readonly severity: "error" | "warning";
  /** Exit code of a command that ends with this error: 1 failed, 2 usage or definition, 3 infrastructure, 130 interrupted. */
  readonly exitCode: 0 | 1 | 2 | 3 | 130;
  /** Status of an HTTP response that carries this error. */
  readonly httpStatus: number;
  /** Page and anchor below `docs/reference/`, for example `pipeline-syntax.md#steps`. */
  readonly help: string;
  /** A short input that produces the error, shown by `waybill explain`. */
  readonly example: string;
}

type Placeholders<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

/** The parameters a definition's templates need, by name. */
export type ParametersOf<Definition extends ErrorDefinition> = {
  readonly [Name in Placeholders<Definition["message"]> | Placeholders<Definition["remedy"]>]: string | number;
};

/**
 * Gives an area's errors their exact types while checking their shape.
 * Shared fields (severity, exit code, HTTP status) are stated once per area in `defaults`.
 */
export function defineErrors<
  const Defaults extends Partial<ErrorDefinition>,
  const Area extends Readonly<Record<string, Omit<ErrorDefinition, keyof Defaults> & Partial<ErrorDefinition>>>,
>(defaults: Defaults, area: Area): { readonly [Code in keyof Area]: Omit<Defaults, keyof Area[Code]> & Area[Code] } {
  return Object.fromEntries(
    Object.entries(area).map(([code, definition]) => [code, { ...defaults, ...definition }]),
  ) as never;
}

/** Replaces `{name}` in `template`; a name without a parameter stays as it is written. */
export function fillTemplate(template: string, parameters: Readonly<Record<string, string | number>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (placeholder, name: string) =>
    Object.hasOwn(parameters, name) ? String(parameters[name]) : placeholder,
  );
}
