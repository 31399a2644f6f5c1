import type { Video } from "@/api/models";

/** Whether something is still being done to it. */
export const isWorking = ({ status }: Video): boolean => status === "extracting" || status === "uploading";
