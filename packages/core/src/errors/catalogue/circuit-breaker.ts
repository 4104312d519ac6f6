import { defineErrors } from "../definition.ts";

/** Errors of services that failed too often. */
export const circuitBreakerErrors = defineErrors(
  { severity: "error", exitCode: 3, httpStatus: 503, help: "errors.md#circuit_open" },
  {
    CIRCUIT_OPEN: {
      title: "A service failed too often and is left alone for a while",
      message: "Circuit breaker {name} is OPEN",
      remedy: "Wait {seconds}s for automatic reset; meanwhile find out why the service fails.",
      example: "registry.example.com: connection refused, five times in a row",
    },
  },
);
