import { useMutation } from "@tanstack/react-query";
import { Medal } from "lucide-react";
import { useState } from "react";

import { newIdempotencyKey } from "@/api/client";
import type { Id } from "@/api/models";
import { makeGold } from "@/api/verification";
import { plural } from "@/lib/format";
import { Button } from "@/ui";

/** Known answers for reviewers from an accepted masklet: one that is right, one made wrong by code. */
export function MakeGold({ masklet }: { masklet: Id }) {
  const [key] = useState(newIdempotencyKey);
  const make = useMutation({ mutationFn: () => makeGold(masklet, key) });
  const said = make.error?.message ?? (make.data && `${plural(make.data.length, "known answer")} made`);
  return (
    <>
      <Button
        small
        variant="quiet"
        icon={Medal}
        busy={make.isPending && "Making"}
        onClick={() => make.mutate()}
        disabledReason={make.data && "It is gold: reviewers meet copies of it, unseen"}
      >
        Gold
      </Button>
      {said && (
        <span role="status" className="visually-hidden">
          {said}
        </span>
      )}
    </>
  );
}
