import type { Detector } from "../starter.ts";
import { docker } from "./docker.ts";
import { go } from "./go.ts";
import { gradle } from "./gradle.ts";
import { make } from "./make.ts";
import { maven } from "./maven.ts";
import { node } from "./node.ts";
import { python } from "./python.ts";
import { rust } from "./rust.ts";

/** Every kind of project `waybill init` knows, in the order of the jobs it writes. */
export const detectors: readonly Detector[] = [node, go, python, rust, maven, gradle, make, docker];
