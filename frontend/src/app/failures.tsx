import { SearchX } from "lucide-react";
import { isRouteErrorResponse, useRouteError } from "react-router";

import { isApiError } from "@/api/client";
import { Button, ButtonLink, EmptyState, ErrorNote, Page } from "@/ui";

export function NotFound() {
  return (
    <EmptyState
      icon={SearchX}
      title="There is nothing here"
      action={<ButtonLink to="/">All projects</ButtonLink>}
    >
      The address may be mistyped, or you are not a member of the project it belongs to.
    </EmptyState>
  );
}

/** What is shown in place of a page that broke. */
export function PageFailed() {
  const error = useRouteError();
  if (isApiError(error, "not_found") || (isRouteErrorResponse(error) && error.status === 404))
    return <NotFound />;
  return (
    <Page narrow>
      <ErrorNote title="This page failed" error={isApiError(error) ? error : undefined}>
        <Button small onClick={() => location.reload()}>
          Reload
        </Button>
      </ErrorNote>
      <p>
        What you had saved is safe: it lives on the server. If it fails again after a reload, tell the people
        who run this installation{error instanceof Error && <>, with this line: “{error.message}”</>}.
      </p>
    </Page>
  );
}
