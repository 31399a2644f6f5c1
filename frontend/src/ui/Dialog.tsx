import { X } from "lucide-react";
import { useEffect, useId, useRef, type ReactNode } from "react";

import styles from "./Dialog.module.css";
import { IconButton } from "./IconButton";

export interface DialogProps {
  title: string;
  /** Called by Esc, by the cross and by a click outside. */
  onClose: () => void;
  /** Buttons, the primary one last. */
  footer?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}

/**
 * A modal dialog, open as long as it is rendered. The browser's own element keeps the focus inside,
 * makes the page behind inert and gives the focus back.
 */
export function Dialog({ title, onClose, footer, wide, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // A dialog with a field is there to be filled in; one without is there to be read.
    (element?.querySelector<HTMLElement>("input, textarea, select") ?? element)?.focus();
    return () => element?.close();
  }, []);

  return (
    // The click is for the pointer only; Esc closes by the keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/click-events-have-key-events
    <dialog
      ref={dialog}
      className={wide ? `${styles.dialog} ${styles.wide}` : styles.dialog}
      tabIndex={-1}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <div className={styles.panel}>
        <header className={styles.header}>
          <h2 id={titleId} className={styles.title}>
            {title}
          </h2>
          <IconButton icon={X} label="Close" shortcut="Escape" onClick={onClose} />
        </header>
        <div className={styles.body}>{children}</div>
        {footer && <footer className={styles.footer}>{footer}</footer>}
      </div>
    </dialog>
  );
}
