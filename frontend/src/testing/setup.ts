import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

// The machine that runs the tests may be busy; what is there at once is still found at once.
configure({ asyncUtilTimeout: 10_000 });

afterEach(() => {
  cleanup();
  localStorage.clear();
});

// jsdom has the dialog element but not its modal methods.
if (!("showModal" in HTMLDialogElement.prototype)) {
  Object.assign(HTMLDialogElement.prototype as HTMLDialogElement, {
    showModal(this: HTMLDialogElement) {
      this.open = true;
    },
    close(this: HTMLDialogElement) {
      if (!this.open) return;
      this.open = false;
      this.dispatchEvent(new Event("close"));
    },
  });
}

// What every browser has and jsdom lacks.
if (!("arrayBuffer" in Blob.prototype)) {
  Object.assign(Blob.prototype, {
    arrayBuffer(this: Blob) {
      return new Promise<unknown>((resolve, reject) => {
        const reader = new FileReader();
        reader.onload = () => resolve(reader.result);
        reader.onerror = () => reject(reader.error ?? new Error("The blob could not be read."));
        reader.readAsArrayBuffer(this);
      });
    },
  });
}
