import { answer } from "./answer";
import type { FromWorker, ToWorker } from "./messages";

/** The part of a worker's global scope that is used here. */
interface Scope {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker, transfer: Transferable[]): void;
}

const scope = self as unknown as Scope;

scope.onmessage = ({ data }) => {
  const reply = answer(data);
  const buffers = reply.type === "traced" ? [reply.contours.points.buffer, reply.contours.ends.buffer] : [];
  scope.postMessage(reply, buffers as Transferable[]);
};
