import { useSyncExternalStore } from "react";

import type { Footage } from "@/player/footage";

/** The annotated frame on show. */
export const useFrame = ({ player }: Footage): number =>
  useSyncExternalStore(player.subscribe, player.read).frame;
