import { createBrowserRouter, type RouteObject } from "react-router";

import { AuditPage } from "@/features/audit/AuditPage";
import { BinPage } from "@/features/bin/BinPage";
import { CandidatesPage } from "@/features/candidates/CandidatesPage";
import { CheckpointsPage } from "@/features/checkpoints/CheckpointsPage";
import { EffortPage } from "@/features/effort/EffortPage";
import { ExperimentPage } from "@/features/experiments/ExperimentPage";
import { ExperimentsPage } from "@/features/experiments/ExperimentsPage";
import { ImportsPage } from "@/features/imports/ImportsPage";
import { MembersPage } from "@/features/members/MembersPage";
import { PreverifierPage } from "@/features/preverifier/PreverifierPage";
import { ProjectsPage } from "@/features/projects/ProjectsPage";
import { DecisionPage } from "@/features/quality/DecisionPage";
import { QualityPage } from "@/features/quality/QualityPage";
import { QueuePage } from "@/features/queue/QueuePage";
import { ReleasePage } from "@/features/releases/ReleasePage";
import { ReleasesPage } from "@/features/releases/ReleasesPage";
import { RunsPage } from "@/features/runs/RunsPage";
import { TokensPage } from "@/features/tokens/TokensPage";
import { SettingsPage } from "@/features/settings/SettingsPage";

import { NotFound, PageFailed } from "./failures";
import { ProjectLayout, withProject } from "./ProjectLayout";
import { ProjectMasklets } from "./ProjectMasklets";
import { ProjectVideos } from "./ProjectVideos";
import { Shell } from "./Shell";
import { VideoPage } from "./VideoPage";

export const routes: RouteObject[] = [
  {
    element: <Shell />,
    errorElement: <PageFailed />,
    children: [
      {
        // Around the pages only, so that a page that fails leaves the bar in place.
        errorElement: <PageFailed />,
        children: [
          { index: true, element: <ProjectsPage /> },
          {
            path: "projects/:projectId",
            element: <ProjectLayout />,
            children: [
              { index: true, element: withProject(ProjectVideos) },
              { path: "masklets", element: withProject(ProjectMasklets) },
              { path: "candidates", element: withProject(CandidatesPage) },
              { path: "queue", element: withProject(QueuePage) },
              { path: "effort", element: withProject(EffortPage) },
              { path: "quality", element: withProject(QualityPage) },
              { path: "decisions/:maskletId", element: withProject(DecisionPage) },
              { path: "experiments", element: withProject(ExperimentsPage) },
              { path: "experiments/:experimentId", element: withProject(ExperimentPage) },
              { path: "releases", element: withProject(ReleasesPage) },
              { path: "releases/:releaseId", element: withProject(ReleasePage) },
              { path: "bin", element: withProject(BinPage) },
              { path: "imports", element: withProject(ImportsPage) },
              { path: "checkpoints", element: withProject(CheckpointsPage) },
              { path: "preverifier", element: withProject(PreverifierPage) },
              { path: "runs", element: withProject(RunsPage) },
              { path: "members", element: withProject(MembersPage) },
              { path: "tokens", element: withProject(TokensPage) },
              { path: "audit", element: withProject(AuditPage) },
              { path: "settings", element: withProject(SettingsPage) },
            ],
          },
          { path: "videos/:videoId", element: <VideoPage /> },
          {
            path: "videos/:videoId/coverage",
            lazy: async () => ({
              Component: (await import("@/features/quality/CoveragePage")).CoveragePage,
            }),
          },
          {
            path: "annotate/:maskletId",
            lazy: async () => ({
              Component: (await import("@/features/annotate/AnnotatePage")).AnnotatePage,
            }),
          },
          {
            path: "review/:maskletId",
            lazy: async () => ({ Component: (await import("@/features/verify/ClaimPage")).ClaimPage }),
          },
          {
            path: "reviews/together/:reviewIds",
            lazy: async () => ({
              Component: (await import("@/features/verify/together/TogetherPage")).TogetherPage,
            }),
          },
          {
            path: "reviews/:reviewId",
            lazy: async () => ({ Component: (await import("@/features/verify/VerifyPage")).VerifyPage }),
          },
          { path: "*", element: <NotFound /> },
        ],
      },
    ],
  },
];

export const createRouter = () => createBrowserRouter(routes);
