export { gitCommitGraph, type GitCommitGraphOptions } from "./git/git-commit-graph.ts";
