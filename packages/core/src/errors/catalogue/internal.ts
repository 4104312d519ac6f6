import { defineErrors } from "../definition.ts";

/** Errors that belong to no single area. */
export const internalErrors = defineErrors(
  { severity: "error", exitCode: 3, httpStatus: 500 },
  {
    INTERNAL: {
      title: "A defect in Waybill itself",
      message: "Something went wrong inside Waybill: {detail}",
      remedy:
        "Nothing in your project causes this. Run the command again with WAYBILL_DEBUG=1 and report what it prints.",
      help: "errors.md#internal",
      example: "",
    },
  },
);
