export { FUNCTION_NAMES, METHOD_NAMES, type Expression, type ExpressionReference } from "./ast.ts";
export { checkExpression, type StaticType } from "./check.ts";
export { evaluateExpression, truthOf, type Evaluated } from "./evaluate.ts";
export { parseExpression, type ParsedExpression } from "./parser.ts";
export { UNKNOWN, type Unknown, type Value } from "./values.ts";
