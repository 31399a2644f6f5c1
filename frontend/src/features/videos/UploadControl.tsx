import { Upload } from "lucide-react";
import { useRef } from "react";

import type { Project } from "@/api/models";
import { Button, useActions } from "@/ui";

import { uploads } from "./upload/uploads";

/** Choosing files to upload: what the button and its key open, and the field that both stand on. */
export function useUpload(project: Project) {
  const picker = useRef<HTMLInputElement>(null);
  const reason = project.roles.includes("owner")
    ? undefined
    : "Only owners of this project can bring videos. Ask one of them.";
  const choose = () => picker.current?.click();
  const take = (files: Iterable<File>) => uploads.add(project.id, files);
  useActions([
    {
      name: "upload",
      label: "Upload videos",
      keys: ["U"],
      group: "Project",
      disabled: reason,
      perform: choose,
    },
  ]);
  const field = (
    <input
      ref={picker}
      type="file"
      multiple
      hidden
      aria-label="Video files"
      accept="video/*,.mkv,.mov,.avi,.mp4,.m4v,.webm,.ts,.mts,.m2ts,.gif,.zip"
      onChange={(event) => {
        take(event.target.files ?? []);
        event.target.value = "";
      }}
    />
  );
  const button = (primary: boolean) => (
    <Button
      variant={primary ? "primary" : "secondary"}
      icon={Upload}
      shortcut="U"
      onClick={choose}
      disabledReason={reason}
    >
      Upload videos
    </Button>
  );
  return { take, field, button };
}
