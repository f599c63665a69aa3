/**
 * Controls for phones: elements that send what a thumb does.
 * @module
 */
export type { Release } from "../kit/kit-element.ts";
