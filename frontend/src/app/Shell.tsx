import { Suspense } from "react";
import { Outlet, useNavigation } from "react-router";

import { useSession } from "@/api/useSession";
import { SignIn } from "@/features/session/SignIn";
import { UserMenu } from "@/features/session/UserMenu";
import { KeyHelp, TopBar, Working } from "@/ui";

import { ThemeButton } from "./ThemeButton";

/** The frame of every page; without a session the sign-in form stands in its place. */
export function Shell() {
  return (
    <Suspense fallback={<Working fill>Opening Maskloop</Working>}>
      <Gate />
    </Suspense>
  );
}

function Gate() {
  const { user } = useSession();
  const { state } = useNavigation();
  if (user === null) return <SignIn />;
  return (
    <TopBar
      busy={state === "loading" ? "Opening the page" : undefined}
      end={
        <>
          <KeyHelp />
          <ThemeButton />
          <UserMenu />
        </>
      }
    >
      <Suspense fallback={<Working fill>Opening the page</Working>}>
        <Outlet />
      </Suspense>
    </TopBar>
  );
}
