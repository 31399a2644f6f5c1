import { trace } from "./contours";
import type { FromWorker, ToWorker } from "./messages";
import { decode } from "./rle";

/** What the worker answers to a message; no mask, however broken, makes it throw. */
export function answer(message: ToWorker): FromWorker {
  try {
    const [height, width] = message.rle.size;
    const contours = trace(decode(message.rle), height, width);
    return { type: "traced", id: message.id, contours };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { type: "refused", id: message.id, message: said };
  }
}
