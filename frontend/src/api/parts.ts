/** How a file is cut, and how one part goes to the store. */

export interface Part {
  /** 1-based. */
  number: number;
  /** Bytes; `end` is exclusive. */
  start: number;
  end: number;
}

/** The parts of a file of `size` bytes: every one but the last has `partSize` bytes. */
export function cut(size: number, partSize: number): Part[] {
  const count = Math.ceil(size / partSize);
  return Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    start: index * partSize,
    end: Math.min(size, (index + 1) * partSize),
  }));
}

export class PartFailed extends Error {
  /** HTTP status, or 0 when the connection broke. */
  readonly status: number;

  constructor(status: number) {
    super("The connection to the store broke. What arrived is safe; press Retry to send the rest.");
    this.name = "PartFailed";
    this.status = status;
  }
}

/** PUTs a part to its presigned address. XMLHttpRequest, since fetch does not tell how much was sent. */
export function putPart(
  url: string,
  blob: Blob,
  signal: AbortSignal,
  onSent: (bytes: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    signal.addEventListener("abort", abort);
    request.upload.onprogress = ({ loaded }) => onSent(loaded);
    request.onload = () => (request.status < 300 ? resolve() : reject(new PartFailed(request.status)));
    request.onerror = () => reject(new PartFailed(0));
    request.onabort = () => reject(signal.reason as Error);
    request.onloadend = () => signal.removeEventListener("abort", abort);
    request.open("PUT", url);
    request.send(blob);
  });
}
